using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace DeepSight.Functions;

/// <summary>Which part of a list is asked for: <c>?limit=</c>, 20 by default, and <c>?offset=</c>.</summary>
internal static class QueryNumbers
{
    private const int DefaultLimit = 20;

    /// <param name="problem">400 and what is wrong.</param>
    public static bool TryRead(HttpRequest request, int mostAtOnce, out int limit, out int offset, [NotNullWhen(false)] out IResult? problem)
    {
        offset = 0;
        problem = !TryRead(request, "limit", DefaultLimit, out limit) || limit is < 1 || limit > mostAtOnce ? Wrong($"limit must be a whole number from 1 to {mostAtOnce}.")
            : !TryRead(request, "offset", 0, out offset) ? Wrong("offset must be a whole number.")
            : null;
        return problem is null;
    }

    private static bool TryRead(HttpRequest request, string name, int standard, out int value)
    {
        value = standard;
        return request.Query[name].ToString() is not { Length: > 0 } text || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static IResult Wrong(string detail) => Problems.Of(StatusCodes.Status400BadRequest, detail, null);
}

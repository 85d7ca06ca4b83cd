using Microsoft.AspNetCore.Http;

namespace DeepSight.Functions;

/// <summary>
/// Keeps pages of other sites from giving orders where a browser adds credentials by itself, as behind App Service authentication.
/// The function key is no such credential: no other site's page has it.
/// </summary>
internal static class Origins
{
    /// <summary>403 for a browser's request from another site; null for all others.</summary>
    public static IResult? Refusal(HttpRequest request)
    {
        if (request.Headers.Origin.Count == 0) return null;
        // Every current browser says it (Fetch Metadata). From an older one only what no page of another site can send unasked is taken.
        var isOwn = request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site ? site == "same-origin" : request.HasJsonContentType();
        return isOwn ? null : Problems.Of(StatusCodes.Status403Forbidden, "Requests of other sites' pages are refused.", "open the dashboard of this app.");
    }
}

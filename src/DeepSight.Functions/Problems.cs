using DeepSight.Core;
using Microsoft.AspNetCore.Http;

namespace DeepSight.Functions;

/// <summary>Failures as problem details (RFC 9457): <c>detail</c> says what failed, <c>hint</c> what to do.</summary>
internal static class Problems
{
    public static IResult Of(int status, string detail, string? hint) =>
        Results.Problem(detail, statusCode: status, extensions: hint is null ? null : new Dictionary<string, object?> { ["hint"] = hint });

    /// <summary>An endpoint's answer, or its failure: 404 where something that was asked for is not there.</summary>
    public static async Task<IResult> CatchAsync(Func<Task<IResult>> answer)
    {
        try
        {
            return await answer();
        }
        catch (DeepSightException e)
        {
            return e.Kind is FailureKind.NothingToDo ? Of(StatusCodes.Status404NotFound, e.Message, e.Hint) : Of(e);
        }
    }

    /// <summary>400 where the request is at fault and sending it again can't help, else 503.</summary>
    public static IResult Of(DeepSightException failure) => Of(
        failure.Kind is FailureKind.InvalidInput or FailureKind.Refused or FailureKind.NothingToDo
            ? StatusCodes.Status400BadRequest
            : StatusCodes.Status503ServiceUnavailable,
        failure.Message, failure.Hint);
}

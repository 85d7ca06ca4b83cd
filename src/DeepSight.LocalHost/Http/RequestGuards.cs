using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace DeepSight.LocalHost.Http;

/// <summary>What every request passes before it reaches a function.</summary>
internal static class RequestGuards
{
    /// <summary>
    /// Without keys, a page from elsewhere in this machine's browser must not be able to give orders: its requests carry an Origin
    /// that is not this host. (One that rebinds its own name to loopback is stopped by the Host filter.)
    /// </summary>
    public static void UseSameOriginOnly(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !origin.Equals($"{context.Request.Scheme}://{context.Request.Host}", StringComparison.OrdinalIgnoreCase))
            await TypedResults.Problem("Without keys, requests of other sites' pages are refused.", statusCode: StatusCodes.Status403Forbidden)
                .ExecuteAsync(context);
        else
            await next(context);
    });

    /// <summary>401, as the real host says it.</summary>
    public static void AskForKey(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Bearer";
    }

    /// <summary>Refuses (413) what announces itself as too large; Kestrel stops what doesn't while it is read.</summary>
    public static void UseBodyLimit(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.Request.ContentLength > context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize)
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        else
            await next(context);
    });

    /// <summary>The real host's routes include the method: a wrong one is not found. ASP.NET Core's routing has an endpoint of its own for it (405).</summary>
    public static void UseNotFoundForWrongMethods(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is not null and not RouteEndpoint)
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        else
            await next(context);
    });
}

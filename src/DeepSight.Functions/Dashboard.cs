using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>
/// The dashboard's page and its files. They hold no data, so that anyone may have them: the page asks the other endpoints, with the
/// function key where one is needed.
/// </summary>
public static class Dashboard
{
    /// <summary>Nothing inline, nothing of other sites, in no other site's frame; and no text is ever taken for HTML (Trusted Types).</summary>
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private static readonly Lazy<FrozenDictionary<string, StaticFile>> Files = new(() => typeof(Dashboard).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).ToFrozenDictionary(name => name[Folder.Length..], StaticFile.Read));

    private const string Folder = "dashboard/";

    [Function("Dashboard")]
    public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dashboard/{file?}")] HttpRequest request, string? file)
    {
        // With a slash at its end the page's own files would be looked for one folder too deep.
        if (file is null && request.Path.Value!.EndsWith('/')) return Results.Redirect($"{request.PathBase}{request.Path.Value.TrimEnd('/')}");
        if (!Files.Value.TryGetValue(file ?? "index.html", out var found)) return Problems.Of(StatusCodes.Status404NotFound, "The dashboard has no such file.", null);

        var headers = request.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Asked for again after every update of the app, and else answered with 304.
        headers.CacheControl = "no-cache";
        return Results.Bytes(found.Content, found.Type, entityTag: new(found.Tag));
    }

    private sealed record StaticFile(byte[] Content, string Type, string Tag)
    {
        public static StaticFile Read(string resource)
        {
            using var stream = typeof(Dashboard).Assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new StaticFile(content, Types[Path.GetExtension(resource)], $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
        }
    }
}

using Npgsql;

namespace DeepSight.Core.Postgres;

/// <summary>Where the authorities are that a server's certificate is checked against.</summary>
internal static class Tls
{
    /// <summary>Debian and Alpine, Fedora and RHEL, openSUSE, macOS and BSD.</summary>
    private static readonly string[] Bundles =
    [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];

    public static string? SystemAuthorities => Bundles.FirstOrDefault(File.Exists);

    /// <summary>
    /// libpq before 16 knows no <c>system</c>, and without a file it fails where Npgsql asks the system: so the system's file is named.
    /// A root.crt in the home directory is found by both and left to them. Null: nothing is checked.
    /// </summary>
    public static string? RootCertificateFor(DatabaseUrl url)
    {
        var named = url.SslRootCertificate ?? Environment.GetEnvironmentVariable("PGSSLROOTCERT");
        if (named is "system") return SystemAuthorities ?? "system";
        if (named is not null) return named;
        if (url.SslMode is not (SslMode.VerifyCA or SslMode.VerifyFull)) return null;

        var ofUser = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".postgresql", "root.crt");
        return File.Exists(ofUser) ? null : SystemAuthorities;
    }

    /// <summary>
    /// For the bundled programs: their OpenSSL must not read another OpenSSL's configuration, nor look for
    /// authorities where Debian keeps them.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, string>> BundleEnvironment()
    {
        yield return new("OPENSSL_CONF", "/dev/null");
        if (SystemAuthorities is { } file) yield return new("SSL_CERT_FILE", file);
    }
}

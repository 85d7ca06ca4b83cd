namespace DeepSight.LocalHost.Http;

/// <summary>Who else can log in on this machine, and so may call a host that asks for no key.</summary>
internal static class OtherUsers
{
    private const string Accounts = "/etc/passwd";

    public static IReadOnlyList<string> Find() => File.Exists(Accounts) ? Of(File.ReadLines(Accounts), Environment.UserName) : [];

    /// <param name="accounts">Lines of <c>/etc/passwd</c>.</param>
    /// <param name="us">This user; root may do everything anyway.</param>
    internal static IReadOnlyList<string> Of(IEnumerable<string> accounts, string us) =>
    [
        .. from account in accounts
           let fields = account.Split(':')
           where fields.Length == 7 && fields[0] != us && fields[2] != "0"
               && Path.GetFileName(fields[6]) is not ("nologin" or "false" or "sync" or "shutdown" or "halt")
           select fields[0],
    ];
}

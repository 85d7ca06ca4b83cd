using DeepSight.Core.Age;

namespace DeepSight.Core.Dumps.Sealing;

/// <summary>Keys of age as settings name them: one by one, or in files of a key a line with comments behind <c>#</c>.</summary>
internal static class AgeKeyList
{
    /// <summary>Entries with a slash are files.</summary>
    /// <param name="errors">Gets what is wrong; no secret is quoted.</param>
    public static IReadOnlyList<AgeRecipient> Recipients(string setting, IEnumerable<string> entries, ICollection<string> errors)
    {
        var recipients = new List<AgeRecipient>();
        foreach (var entry in entries)
            if (entry.Contains('/', StringComparison.Ordinal)) recipients.AddRange(InFile(setting, entry, X25519Recipient.Parse, errors));
            else if (Parsed($"{setting} has '{(X25519Identity.IsSecret(entry) ? "(hidden)" : entry)}', which is no recipient", entry, X25519Recipient.Parse, errors) is { } key) recipients.Add(key);
        return recipients;
    }

    /// <summary>Keys in the setting itself, separated by commas or line feeds.</summary>
    public static IReadOnlyList<AgeIdentity> Identities(string setting, string text, ICollection<string> errors) =>
        [.. Keys(text).SelectMany(key => key.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select((key, i) => Parsed($"{setting}: its key {i + 1} is no identity", key, X25519Identity.Parse, errors)).OfType<AgeIdentity>()];

    public static IEnumerable<AgeIdentity> IdentitiesIn(string setting, string file, ICollection<string> errors) => InFile(setting, file, X25519Identity.Parse, errors);

    private static T[] InFile<T>(string setting, string file, Func<string, T> parse, ICollection<string> errors) where T : class
    {
        const int most = 1 << 20;
        if (TrustedPath.Doubt(file) is { } doubt)
        {
            errors.Add($"{setting} names '{file}', which can't be trusted: {doubt}.");
            return [];
        }

        try
        {
            if (!TrustedPath.IsOrdinaryFile(Path.GetFullPath(file)) && new FileInfo(file).LinkTarget is null) throw new IOException("There is no such file");
            if (new FileInfo(file).Length > most) throw new IOException("It is far too large for a file of keys");
            var text = File.ReadAllText(file);
            if (text.StartsWith("age-encryption.org/", StringComparison.Ordinal) || text.StartsWith("-----BEGIN AGE", StringComparison.Ordinal))
                throw new IOException("It is sealed by a passphrase: open it with `age -d` first");
            T[] keys = [.. Keys(text).Select((key, i) => Parsed($"{setting}: key {i + 1} of '{file}' can't be used", key, parse, errors)).OfType<T>()];
            if (!Keys(text).Any()) errors.Add($"{setting} names '{file}', which holds no key.");
            return keys;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{setting} names '{file}', which can't be read: {e.Message.TrimEnd('.')}.");
            return [];
        }
    }

    private static IEnumerable<string> Keys(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#'));

    private static T? Parsed<T>(string what, string text, Func<string, T> parse, ICollection<string> errors) where T : class
    {
        try
        {
            return parse(text);
        }
        catch (AgeException e)
        {
            errors.Add($"{what}: {e.Message}.");
            return null;
        }
    }
}

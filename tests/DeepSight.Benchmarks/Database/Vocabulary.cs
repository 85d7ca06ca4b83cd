namespace DeepSight.Benchmarks.Database;

/// <summary>
/// A made-up language whose words follow Zipf's law and whose phrases recur, as in real text: what compressors
/// are measured on must be neither noise nor one sentence repeated. The same seed gives the same words.
/// </summary>
internal sealed class Vocabulary
{
    private const int WordCount = 6_000;
    private const int PhraseCount = 4_000;

    // Enough of them that the same three letters in a row are rare: with fewer, gzip searches longer than it does in prose.
    private static readonly string[] Onsets =
    [
        "", "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "br", "ch", "pl", "qu", "sh",
        "st", "th", "tr",
    ];

    private static readonly string[] Vowels = ["a", "e", "i", "o", "u", "ai", "ea", "ou", "é", "ö"];
    private static readonly string[] Codas = ["", "", "", "n", "r", "s", "t", "l", "m", "nd", "ng", "st", "ck"];

    private readonly byte[][] words;
    private readonly byte[][] phrases;

    public Vocabulary(int seed)
    {
        var random = new Random(seed);
        words = [.. Enumerable.Range(0, WordCount).Select(rank => System.Text.Encoding.UTF8.GetBytes(Word(rank, random)))];
        phrases = [.. Enumerable.Range(0, PhraseCount).Select(_ => Phrase(random))];
    }

    /// <summary>The next piece of text, followed by a space: one time in three a phrase seen elsewhere, else a word.</summary>
    public ReadOnlySpan<byte> Next(Random random) =>
        random.Next(3) == 0 ? phrases[ZipfRank(random, PhraseCount)] : NextWord(random);

    public ReadOnlySpan<byte> NextWord(Random random) => words[ZipfRank(random, WordCount)];

    // Frequent words are short, in any language.
    private static string Word(int rank, Random random)
    {
        var length = 1 + random.Next(rank < 60 ? 1 : rank < 1_000 ? 2 : 4);
        return string.Concat(Enumerable.Range(0, length).Select(_ => Draw(Onsets) + Draw(Vowels) + Draw(Codas))) + " ";

        string Draw(string[] parts) => parts[random.Next(parts.Length)];
    }

    private byte[] Phrase(Random random) =>
        [.. Enumerable.Range(0, 3 + random.Next(4)).SelectMany(_ => words[ZipfRank(random, WordCount)])];

    /// <summary>Rank r with a probability proportional to 1/(r + 1).</summary>
    private static int ZipfRank(Random random, int count) =>
        Math.Min(count - 1, (int)Math.Exp(random.NextDouble() * Math.Log(count + 1)) - 1);
}

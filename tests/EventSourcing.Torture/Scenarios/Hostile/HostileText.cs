namespace EventSourcing.Torture;

/// <summary>Text as an attacker, a careless client or an unlucky user may send it.</summary>
internal sealed class HostileText(Random random)
{
    private static readonly string[] Pieces =
    [
        "'; drop table events; --", "' or '1'='1", "\"", "\"; drop schema public cascade; --", "$1", "$$", "$a$", "@p0", "@Name", ":name", "\\", "\\'", "E'\\x00'",
        "%s", "%n", "%_", "{0}", "{schema}", "{{", "/*", "*/", "--", ";", "null", "NULL", "true", "{}", "[]", "{a,b}", "(1,2)", "::text", "pg_sleep(9)",
        "\0", "\u0001", "\u001b[31m", "\u007f", "\t", "\n", "\r\n", " ", "\u00a0", "\u200b", "\u200e", "\u202e", "\u2028", "\ufeff", "\ufffd", "\uffff", "\ufdd0",
        "\ud800", "\udc00", "\ud83c\udf89", "\udbff\udfff", "e\u0301", "\u00e9", "\u1e9b\u0323", "\ufb01", "ß", "SS", "ss", "ı", "I", "i", "İ", "K", "\u212a",
        "漢字", "שלום", "مرحبا", "🏳️‍🌈", "a", "A", "b-c", "-", "--", "_", "__", ".", "..", "/", "..%2f", "http://x/?a=b&c", "<script>", "order", "Order", "order-1",
        "pg_catalog", "information_schema", "1", "0", "-1", "9223372036854775808", "1e999", "NaN", "p:1", "p:-1", "p:9223372036854775807", "p:99999999999999999999",
    ];

    /// <summary>One text, most often short, now and then just as long as a limit allows or a little longer.</summary>
    public string Next() => random.Next(24) switch
    {
        0 => string.Empty,
        1 => Repeated(random.Next(199, 202)),
        2 => Repeated(random.Next(499, 502)),
        3 => new string((char)random.Next(1, 0x10000), random.Next(1, 6)),
        4 or 5 => Variant(Joined()),
        _ => Joined(),
    };

    /// <summary>One that any rule for stored text takes, without a hyphen.</summary>
    public string NextStorable()
    {
        var kept = string.Concat(Next().EnumerateRunes().Where(rune => rune.Value is not (0 or '-')));
        return kept.Length is 0 or > 200 ? "x" : kept;
    }

    /// <summary>One that must never be taken for the other, although a careless comparison does.</summary>
    // By hand: an application without cultures has no normal forms.
    public string Variant(string text) => random.Next(7) switch
    {
        0 => (text + "e\u0301").Replace("e\u0301", "\u00e9", StringComparison.Ordinal),
        1 => (text + "\u00e9").Replace("\u00e9", "e\u0301", StringComparison.Ordinal),
        2 => (text + "\ufb01").Replace("\ufb01", "fi", StringComparison.Ordinal),
        3 => text.ToUpperInvariant(),
        4 => text.ToLowerInvariant(),
        5 => text + " ",
        _ => " " + text,
    };

    private string Joined() => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    private string Repeated(int length)
    {
        var piece = Pieces[random.Next(Pieces.Length)];
        return string.Concat(Enumerable.Repeat(piece, length)).Length >= length && random.Next(2) == 0
            ? string.Concat(Enumerable.Repeat(piece, length))[..length]
            : new string("aü漢"[random.Next(3)], length);
    }
}

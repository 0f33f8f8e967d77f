using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>An array as PostgreSQL writes it, for arrays within arrays of different lengths, which the server does not have.</summary>
internal static class ArrayText
{
    public const string Empty = "{}";

    public static string Of(IEnumerable<string> values)
    {
        var text = new StringBuilder("{");
        foreach (var value in values)
        {
            text.Append(text.Length > 1 ? ",\"" : "\"");
            foreach (var character in value)
            {
                if (character is '"' or '\\')
                {
                    text.Append('\\');
                }

                text.Append(character);
            }

            text.Append('"');
        }

        return text.Append('}').ToString();
    }

    public static string Of(IEnumerable<LogPosition> positions) => $"{{{string.Join(',', positions)}}}";
}

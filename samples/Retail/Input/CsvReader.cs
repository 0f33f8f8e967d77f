using System.Text;

namespace Retail.Input;

/// <summary>Records of comma-separated values as RFC 4180 describes them: quoted fields may hold commas, quotes and line ends.</summary>
public sealed class CsvReader(TextReader reader)
{
    private readonly List<string> fields = [];
    private readonly StringBuilder field = new();

    /// <summary>The line on which the record just read begins, from 1.</summary>
    public long Line { get; private set; }

    private long NextLine { get; set; } = 1;

    /// <summary>The next record's fields; null at the end.</summary>
    /// <exception cref="InputException">A quoted field does not end, or goes on after its closing quote, or an unquoted one holds a quote.</exception>
    public IReadOnlyList<string>? Read()
    {
        if (reader.Peek() < 0)
        {
            return null;
        }

        fields.Clear();
        field.Clear();
        Line = NextLine;
        var wasQuoted = false;
        while (true)
        {
            var c = reader.Read();
            switch (c)
            {
                case '"' when field.Length == 0 && !wasQuoted:
                    ReadQuoted();
                    wasQuoted = true;
                    break;
                case ',':
                    EndField(ref wasQuoted);
                    break;
                case '\r' when reader.Peek() == '\n':
                    break;
                case '\n' or -1:
                    NextLine++;
                    EndField(ref wasQuoted);
                    return fields;
                default:
                    if (wasQuoted)
                    {
                        throw new InputException($"Line {Line}: a field goes on after its closing quote.");
                    }

                    if (c == '"')
                    {
                        throw new InputException($"Line {Line}: a quote inside a field that does not begin with one.");
                    }

                    field.Append((char)c);
                    break;
            }
        }
    }

    private void ReadQuoted()
    {
        while (true)
        {
            var c = reader.Read();
            if (c == '"')
            {
                if (reader.Peek() != '"')
                {
                    return;
                }

                reader.Read();
            }
            else if (c < 0)
            {
                throw new InputException($"Line {Line}: a quoted field does not end.");
            }
            else if (c == '\n')
            {
                NextLine++;
            }

            field.Append((char)c);
        }
    }

    private void EndField(ref bool wasQuoted)
    {
        fields.Add(field.ToString());
        field.Clear();
        wasQuoted = false;
    }
}

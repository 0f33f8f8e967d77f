using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Retail.Input;

/// <summary>Invoice lines in a CSV file, plain or compressed with gzip.</summary>
public sealed class InvoiceFile(string path) : IInvoiceSource
{
    private const int MaxLength = 200;
    private const int MaxDecimals = 6;
    private const decimal MaxPrice = 1_000_000_000;

    private static readonly string[] Columns =
        ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];

    // Without it, a gzip file that was cut off reads as a shorter one.
    static InvoiceFile() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <inheritdoc/>
    public string Name => Path.GetFileName(path);

    /// <inheritdoc/>
    public IEnumerable<(InvoiceRow Row, double Done)> Read()
    {
        using var file = Open();
        using var content = IsGzip(file) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var text = new StreamReader(content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), true, 1 << 16);
        var records = new CsvReader(text);
        if (Next(records) is not { } header || !header.SequenceEqual(Columns))
        {
            throw new InputException($"{Name}: the first line is not {string.Join(',', Columns)}.");
        }

        for (long number = 1; Next(records) is { } fields; number++)
        {
            yield return (ToRow(number, records.Line, fields), file.Length == 0 ? 1 : (double)file.Position / file.Length);
        }
    }

    private FileStream Open()
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return file.CanSeek ? file : throw new IOException($"'{path}' is a pipe or a device; give a file.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"The input cannot be opened: {failure.Message}", failure);
        }
    }

    private static bool IsGzip(FileStream file)
    {
        var isGzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        return isGzip;
    }

    private IReadOnlyList<string>? Next(CsvReader records)
    {
        try
        {
            return records.Read();
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or DecoderFallbackException)
        {
            throw new InputException($"{Name}: cannot be read at or after line {records.Line + 1}: {failure.Message}", failure);
        }
    }

    private InvoiceRow ToRow(long number, long line, IReadOnlyList<string> fields)
    {
        if (fields.Count != Columns.Length)
        {
            throw Bad(line, $"{fields.Count} fields instead of {Columns.Length}");
        }

        for (var column = 0; column < Columns.Length; column++)
        {
            ThrowIfUnfit(line, column, fields[column]);
        }

        var culture = CultureInfo.InvariantCulture;
        return new InvoiceRow(
            number,
            Required(line, fields, 0),
            Required(line, fields, 1),
            fields[2].Length == 0 ? null : fields[2],
            int.TryParse(fields[3], NumberStyles.AllowLeadingSign, culture, out var quantity) ? quantity : throw Bad(line, $"'{fields[3]}' is no Quantity"),
            DateTime.TryParseExact(fields[4], "yyyy-MM-dd'T'HH:mm:ss", culture, DateTimeStyles.None, out var date) ? date : throw Bad(line, $"'{fields[4]}' is no InvoiceDate (yyyy-MM-ddTHH:mm:ss)"),
            Price(line, fields[5]),
            fields[6].Length == 0 ? null : fields[6],
            Required(line, fields, 7));
    }

    private decimal Price(long line, string text)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price))
        {
            throw Bad(line, $"'{text}' is no UnitPrice");
        }

        // Within these bounds no amount and no sum is ever rounded. More decimals than fit are cut off in parsing, so
        // they are counted in the text.
        var decimals = text.Contains('.', StringComparison.Ordinal) ? text.Length - text.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        return decimals <= MaxDecimals && Math.Abs(price) < MaxPrice
            ? price
            : throw Bad(line, $"UnitPrice '{text}' has more than {MaxDecimals} decimals or is not below {MaxPrice}");
    }

    // What a stream name or an index entry of a read model cannot hold is refused before anything of it is stored.
    private void ThrowIfUnfit(long line, int column, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw Bad(line, $"{Columns[column]} holds U+0000");
        }

        if (text.Length > MaxLength && Columns[column] != "Description")
        {
            throw Bad(line, $"{Columns[column]} has {text.Length} characters; at most {MaxLength} are taken");
        }
    }

    private string Required(long line, IReadOnlyList<string> fields, int column) =>
        fields[column].Length > 0 ? fields[column] : throw Bad(line, $"{Columns[column]} is empty");

    private InputException Bad(long line, string what) => new($"{Name}, line {line}: {what}.");
}

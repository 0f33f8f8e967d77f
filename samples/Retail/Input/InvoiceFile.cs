using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Retail.Input;

/// <summary>Invoice lines in a CSV file, plain or compressed with gzip.</summary>
public sealed class InvoiceFile(string path) : IInvoiceSource
{
    private static readonly string[] Columns =
        ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];

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
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
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
            throw new InputException($"{Name}: cannot be read after line {records.Line}: {failure.Message}", failure);
        }
    }

    private InvoiceRow ToRow(long number, long line, IReadOnlyList<string> fields)
    {
        if (fields.Count != Columns.Length)
        {
            throw Bad(line, $"{fields.Count} fields instead of {Columns.Length}");
        }

        var culture = CultureInfo.InvariantCulture;
        return new InvoiceRow(
            number,
            Required(line, fields, 0),
            Required(line, fields, 1),
            fields[2].Length == 0 ? null : fields[2],
            int.TryParse(fields[3], NumberStyles.AllowLeadingSign, culture, out var quantity) ? quantity : throw Bad(line, $"'{fields[3]}' is no Quantity"),
            DateTime.TryParseExact(fields[4], "yyyy-MM-dd'T'HH:mm:ss", culture, DateTimeStyles.None, out var date) ? date : throw Bad(line, $"'{fields[4]}' is no InvoiceDate (yyyy-MM-ddTHH:mm:ss)"),
            decimal.TryParse(fields[5], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, culture, out var price) ? price : throw Bad(line, $"'{fields[5]}' is no UnitPrice"),
            fields[6].Length == 0 ? null : fields[6],
            Required(line, fields, 7));
    }

    private string Required(long line, IReadOnlyList<string> fields, int column) =>
        fields[column].Length > 0 ? fields[column] : throw Bad(line, $"{Columns[column]} is empty");

    private InputException Bad(long line, string what) => new($"{Name}, line {line}: {what}.");
}

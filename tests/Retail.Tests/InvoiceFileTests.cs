using System.IO.Compression;
using System.Text;
using Retail.Input;

namespace Retail;

public sealed class InvoiceFileTests : IDisposable
{
    private const string Header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    private readonly string path = Path.GetTempFileName();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_are_read_as_written(bool isCompressed)
    {
        var rows = Read(
            Header
            + "536365,85123A,\"SET \"\"A\"\", RED\nand more\",-6,2010-12-01T08:26:00,2.550,17850,United Kingdom\r\n"
            + "536366,22423,,1,2010-12-01T08:28:00,-11062.06,,España",
            isCompressed);

        rows.Should().Equal(
            new InvoiceRow(1, "536365", "85123A", "SET \"A\", RED\nand more", -6, new DateTime(2010, 12, 1, 8, 26, 0), 2.550m, "17850", "United Kingdom"),
            new InvoiceRow(2, "536366", "22423", null, 1, new DateTime(2010, 12, 1, 8, 28, 0), -11062.06m, null, "España"));
        rows[0].UnitPrice.ToString(System.Globalization.CultureInfo.InvariantCulture).Should().Be("2.550");
    }

    [Theory]
    [InlineData("", "first line")]
    [InlineData("a,b\n", "first line")]
    [InlineData(Header + "1,2,3\n", "line 2: 3 fields")]
    [InlineData(Header + "536365,A,,x,2010-12-01T08:26:00,2.55,1,UK\n", "line 2: 'x' is no Quantity")]
    [InlineData(Header + "536365,A,\"two\nlines\",1,2010-12-01T08:26:00,2.55,1,UK\n536365,A,,1,01/12/2010,2.55,1,UK\n", "line 4: '01/12/2010' is no InvoiceDate")]
    [InlineData(Header + "536365,A,,1,2010-12-01T08:26:00,1e3,1,UK\n", "line 2: '1e3' is no UnitPrice")]
    [InlineData(Header + ",A,,1,2010-12-01T08:26:00,1,1,UK\n", "line 2: InvoiceNo is empty")]
    [InlineData(Header + "536365,A,\"open,1,2010-12-01T08:26:00,1,1,UK\n", "does not end")]
    [InlineData(Header + "536365,A,\"a\"b,1,2010-12-01T08:26:00,1,1,UK\n", "after its closing quote")]
    [InlineData(Header + "536365,a\"b,,1,2010-12-01T08:26:00,1,1,UK\n", "Line 2: a quote inside")]
    [InlineData(Header + "536365,A,,1,2010-12-01T08:26:00,0.1234567,1,UK\n", "line 2: UnitPrice '0.1234567' has more")]
    [InlineData(Header + "536365,A,,1,2010-12-01T08:26:00,1000000000,1,UK\n", "line 2: UnitPrice '1000000000' has more")]
    [InlineData(Header + "536365,A\0,,1,2010-12-01T08:26:00,1,1,UK\n", "line 2: StockCode holds U+0000")]
    public void What_makes_no_sense_is_refused_with_its_line(string content, string message)
    {
        var read = () => Read(content, isCompressed: false);

        read.Should().Throw<InputException>().WithMessage($"*{message}*");
    }

    [Fact]
    public void A_key_that_no_index_can_hold_is_refused_with_its_line()
    {
        var read = () => Read($"{Header}536365,{new string('A', 201)},,1,2010-12-01T08:26:00,1,1,UK\n", isCompressed: false);

        read.Should().Throw<InputException>().WithMessage("*line 2: StockCode has 201 characters*");
    }

    [Fact]
    public void A_gzip_file_that_was_cut_off_is_refused()
    {
        Read(Header + "536365,A,,1,2010-12-01T08:26:00,1,1,United Kingdom", isCompressed: true);
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(file.Length - 12);
        }

        var read = () => new InvoiceFile(path).Read().Count();

        read.Should().Throw<InputException>();
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused()
    {
        var read = () => new InvoiceFile("/nowhere/at/all.csv").Read().Count();

        read.Should().Throw<InputException>();
    }

    public void Dispose() => File.Delete(path);

    private List<InvoiceRow> Read(string content, bool isCompressed)
    {
        using (var file = File.Create(path))
        using (var stream = isCompressed ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file)
        {
            stream.Write(Encoding.UTF8.GetBytes(content));
        }

        return [.. new InvoiceFile(path).Read().Select(read => read.Row)];
    }
}

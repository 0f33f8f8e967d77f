using System.Diagnostics;
using System.Text.RegularExpressions;
using EventSourcing;
using EventSourcing.TestInfrastructure;
using Npgsql;
using Retail.Input;
using Retail.Reporting;
using Spectre.Console;

namespace Retail;

/// <summary>The whole path: rows in, figures out.</summary>
public sealed class RetailRunTests
{
    private static readonly IAnsiConsole Silent = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });

    private static readonly RetailOptions Sample = new(null, null, null, null, null);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_memory_and_in_PostgreSQL_the_figures_are_the_same_and_a_second_run_adds_nothing()
    {
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var inMemory = await RunAsync(Sample);
        var inPostgreSql = await RunAsync(Sample with { Postgres = database });
        var again = await RunAsync(Sample with { Postgres = database });
        var second = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var oneByOne = await RunAsync(Sample with { Postgres = second, OneByOne = true });

        oneByOne.Should().BeEquivalentTo(inMemory);
        inMemory.Events.Should().Be(new SampleShop().Read().LongCount());
        inPostgreSql.Should().BeEquivalentTo(inMemory);
        again.Should().BeEquivalentTo(inMemory);

        var other = () => RunAsync(Sample with { Postgres = database, Input = FullFile() ?? Excerpt(10) });
        await other.Should().ThrowAsync<InputException>().WithMessage("*another input*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_import_that_was_stopped_goes_on_where_it_was(bool isOneByOne)
    {
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var whole = Excerpt(1000);
        var part = Excerpt(400, keepWholeInvoices: true);

        await RunAsync(Sample with { Input = part, Postgres = database, OneByOne = isOneByOne });
        var resumed = await RunAsync(Sample with { Input = whole, Postgres = database });

        resumed.Should().BeEquivalentTo(await RunAsync(Sample with { Input = whole }));
    }

    [Fact]
    public async Task Figures_can_be_had_as_they_were()
    {
        var rows = new SampleShop().Read().Select(read => read.Row).ToList();
        var asOf = rows[rows.Count / 2].InvoiceDate;

        var atPosition = await RunAsync(Sample with { MaxPosition = 1000 });
        var before = await RunAsync(Sample with { AsOf = asOf });
        var both = await RunAsync(Sample with { AsOf = asOf, MaxPosition = 10 });

        atPosition.Events.Should().Be(1000);
        decimal.Parse(atPosition.NetAmount, System.Globalization.CultureInfo.InvariantCulture).Should().Be(rows.Take(1000).Sum(row => row.Quantity * row.UnitPrice));
        before.Events.Should().Be(rows.Count(row => row.InvoiceDate < asOf));
        before.Streams.Should().Be(rows.Where(row => row.InvoiceDate < asOf).Select(Accounts.CustomerAccount.StreamOf).Distinct().Count());
        both.Events.Should().Be(10);
    }

    [Fact]
    public async Task A_bad_row_keeps_its_whole_invoice_out_and_is_named()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllLinesAsync(
            path,
            [
                "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
                "1,A,,1,2010-12-01T08:26:00,1.00,7,UK",
                "2,A,,1,2010-12-01T08:27:00,1.00,7,UK",
                "2,A,,oops,2010-12-01T08:27:00,1.00,7,UK",
            ],
            Cancellation);
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var run = () => RunAsync(Sample with { Input = new FileInfo(path), Postgres = database });

        await run.Should().ThrowAsync<InputException>().WithMessage("*line 4*");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Cancellation)).Replace("oops", "1", StringComparison.Ordinal), Cancellation);
        (await run()).Events.Should().Be(3);
    }

    [Fact]
    public async Task Rows_of_several_customers_in_one_invoice_are_entered_at_once()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllLinesAsync(
            path,
            [
                "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
                "1,A,,1,2010-12-01T08:26:00,1.00,7,UK",
                "1,A,,1,2010-12-01T08:26:00,1.00,8,UK",
                "1,A,,1,2010-12-01T08:26:00,1.00,,UK",
            ],
            Cancellation);

        var report = await RunAsync(Sample with { Input = new FileInfo(path) });

        (report.Events, report.Streams, report.Appends, report.NetAmount).Should().Be((3, 3, 1, "3.00"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_run_adds_nothing_where_customers_alternate_within_an_invoice(bool isOneByOne)
    {
        var path = Path.GetTempFileName();
        string[] lines =
        [
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
            "1,A,,1,2010-12-01T08:26:00,1.00,7,UK",
            "1,B,,1,2010-12-01T08:26:00,1.00,8,UK",
            "1,C,,1,2010-12-01T08:26:00,1.00,7,UK",
        ];
        await File.WriteAllLinesAsync(path, lines, Cancellation);
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var options = Sample with { Input = new FileInfo(path), Postgres = database, OneByOne = isOneByOne };

        var first = await RunAsync(options);
        var second = await RunAsync(options);

        first.Events.Should().Be(3);
        second.Should().BeEquivalentTo(first);
    }

    [Fact]
    public async Task An_input_whose_last_row_differs_in_anything_is_another_input()
    {
        var path = Path.GetTempFileName();
        const string Line = "1,A,,1,2010-12-01T08:26:00,1.00,7,UK";
        const string Header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
        await File.WriteAllLinesAsync(path, [Header, Line], Cancellation);
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var run = () => RunAsync(Sample with { Input = new FileInfo(path), Postgres = database });
        await run();

        await File.WriteAllLinesAsync(path, [Header, Line.Replace(",7,", ",8,", StringComparison.Ordinal)], Cancellation);

        await run.Should().ThrowAsync<InputException>().WithMessage("*another input*");
    }

    /// <summary>The figures of the real file, computed once by other means.</summary>
    [Fact]
    public async Task The_real_file_gives_the_right_figures()
    {
        var file = FullFile();
        Assert.SkipUnless(file is not null, "The real data is not here (../shared/data/online-retail/onlineretail.csv.gz beside the repository).");

        var report = await RunAsync(Sample with { Input = file });

        (report.Events, report.Streams, report.Appends, report.NetAmount).Should().Be((541_909, 8_082, 25_943, "9747747.934"));
        report.EventsByType.Should().Equal(new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["BadDebtAdjusted"] = 3, ["LineCancelled"] = 9_288, ["LineSold"] = 530_103, ["StockAdjusted"] = 2_515,
        });
        report.Cancellations.Should().Be(new CancellationFigures(7_516, 1_389, 383));
        (report.CustomerBalance.Rows, report.CustomerBalance.Net, report.CustomerBalance.Zero, report.CustomerBalance.Negative).Should().Be((4_372, "8300065.814", 14, 41));
        report.CustomerBalance.Top10[0].Should().Be(new TopCustomer("14646", 2_085, 77, "280206.02", "-717.00", "279489.02"));
        (report.SalesByMonthAndCountry.Rows, report.SalesByMonthAndCountry.Net).Should().Be((314, "9747747.934"));
        report.SalesByMonthAndCountry.ByMonth["2011-01"].Should().Be(new MonthFigures(35_147, "560000.26", "-131364.30"));
        (report.ProductLedger.Rows, report.ProductLedger.UnitsSold, report.ProductLedger.UnitsCancelled, report.ProductLedger.UnitsAdjusted)
            .Should().Be((4_070, 5_588_375, -277_574, -134_354));
        report.ProductLedger.Top10[0].Should().Be(new TopProduct("DOT", 706, -1, 1_002, "206245.48"));
    }

    [Fact]
    public async Task A_log_that_was_exported_gives_the_same_figures_elsewhere()
    {
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var (fromMemory, fromPostgreSql) = (new FileInfo(Path.GetTempFileName()), new FileInfo(Path.GetTempFileName()));

        var figures = await RunAsync(Sample with { Export = fromMemory });
        var copied = await RunAsync(Sample with { Import = fromMemory, Postgres = database });
        var exported = await RunAsync(Sample with { Export = fromPostgreSql, Postgres = database });
        var again = await RunAsync(Sample with { Import = fromPostgreSql, Postgres = database, Schema = "retail_copy" });
        var inMemory = await RunAsync(Sample with { Import = fromPostgreSql });

        new[] { copied, exported, again, inMemory }.Should().AllBeEquivalentTo(figures);
        (await EventsAsync(fromPostgreSql)).SequenceEqual(await EventsAsync(fromMemory)).Should().BeTrue();
        await FluentActions.Awaiting(() => RunAsync(Sample with { Import = fromMemory, Postgres = database })).Should().ThrowAsync<InvalidOperationException>();

        // The server keeps microseconds.
        static async Task<List<string>> EventsAsync(FileInfo log) => [.. (await File.ReadAllLinesAsync(log.FullName, Cancellation))
            .Where(line => line.StartsWith("{\"position\"", StringComparison.Ordinal))
            .Select(line => Regex.Replace(line, "(\"recordedAt\":\"[^\"]{19})[^\"]*", "$1"))];
    }

    [Fact]
    public async Task An_import_of_a_log_that_was_killed_in_the_middle_goes_on()
    {
        // Long enough to be killed within: the sample's log, several times over.
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var (small, large) = (new FileInfo(Path.GetTempFileName()), new FileInfo(Path.GetTempFileName()));
        await RunAsync(Sample with { Export = small });
        await using (var from = small.OpenRead())
        {
            await using var to = large.OpenWrite();
            var source = await LogFile.OpenAsync(from, Cancellation);
            await LogFile.ExportAsync(
                source.Transform("several", recorded => Enumerable.Range(0, 12).Select(i => recorded.With(stream: $"{recorded.Stream}.{i}"))), to, cancellationToken: Cancellation);
        }

        await using var dataSource = NpgsqlDataSource.Create(database);
        var positions = new List<long>();
        for (var kill = 0; kill < 3; kill++)
        {
            using var program = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(RetailRun).Assembly.Location, "import", large.FullName, "--postgres", database])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            while (!program.HasExited && await PositionAsync(dataSource) <= (positions is [.., var last] ? last : 0))
            {
                await Task.Delay(10, Cancellation);
            }

            program.Kill(entireProcessTree: true);
            await program.WaitForExitAsync(Cancellation);
            positions.Add(await PositionAsync(dataSource));
        }

        var resumed = await RunAsync(Sample with { Import = large, Postgres = database });

        positions.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems().And.OnlyContain(position => position < 12 * 18_374);
        resumed.Should().BeEquivalentTo(await RunAsync(Sample with { Import = large }));

        static async Task<long> PositionAsync(NpgsqlDataSource dataSource)
        {
            try
            {
                await using var command = dataSource.CreateCommand("select position from retail.log_restores");
                return (long?)await command.ExecuteScalarAsync(Cancellation) ?? 0;
            }
            catch (PostgresException notYet) when (notYet.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                return 0;
            }
        }
    }

    [Fact]
    public async Task The_real_file_makes_the_round_trip()
    {
        var file = FullFile();
        Assert.SkipUnless(file is not null, "The real data is not here (../shared/data/online-retail/onlineretail.csv.gz beside the repository).");
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        var log = new FileInfo(Path.GetTempFileName());

        var figures = await RunAsync(Sample with { Input = file, Export = log });
        var copied = await RunAsync(Sample with { Import = log, Postgres = database });

        figures.Events.Should().Be(541_909);
        copied.Should().BeEquivalentTo(figures);
        log.Delete();
    }

    private static async Task<RetailReport> RunAsync(RetailOptions options) =>
        await RetailRun.ExecuteAsync(options, Silent, Cancellation) with { Seconds = 0, PeakMemoryBytes = 0 };

    private static FileInfo? FullFile()
    {
        var file = new FileInfo(Path.Combine(SourceTree.Root, "..", "shared", "data", "online-retail", "onlineretail.csv.gz"));
        return file.Exists ? file : null;
    }

    /// <summary>The first rows of the sample's shop as a file.</summary>
    private static FileInfo Excerpt(int rows, bool keepWholeInvoices = false)
    {
        var path = Path.GetTempFileName();
        var taken = new SampleShop().Read().Select(read => read.Row).Take(rows).ToList();
        if (keepWholeInvoices)
        {
            taken.RemoveAll(row => row.InvoiceNo == taken[^1].InvoiceNo);
        }

        File.WriteAllLines(
            path,
            taken.Select(row => string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{row.InvoiceNo},{row.StockCode},\"{row.Description?.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{row.Quantity},{row.InvoiceDate:yyyy-MM-dd'T'HH:mm:ss},{row.UnitPrice},{row.CustomerId},{row.Country}"))
            .Prepend("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"));
        return new FileInfo(path);
    }
}

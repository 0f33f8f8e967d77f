using Boundaries.Invoices;
using EventSourcing;

namespace Boundaries;

/// <summary>Invoice numbers have no gap.</summary>
public sealed class InvoiceTests
{
    public static TheoryData<bool> Stores => RunningBoundaries.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Numbers_rise_without_a_gap_whoever_races_and_is_refused(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);

        (await app.RaceAsync(Enumerable.Range(0, 40).Select(number => new IssueInvoice($"c{number % 3}", number % 4 == 0 ? 0 : 10)))).Should().Be((30, 0, 10));

        (await app.HistoryAsync()).Cast<InvoiceIssued>().Select(invoice => invoice.Number).Should().Equal(Enumerable.Range(1, 30));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_invoice_whose_command_comes_again_keeps_its_number(bool isPostgreSql)
    {
        await using var app = await RunningBoundaries.StartAsync(isPostgreSql);
        var context = new CommandContext { CommandId = "order-17", IsRepeatable = true };
        await app.DecideAsync(new IssueInvoice("c1", 10));
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() => app.DecideAsync(new IssueInvoice("c2", 20), context, number))));
        await app.DecideAsync(new IssueInvoice("c3", 30));
        var again = await app.DecideAsync(new IssueInvoice("c2", 20), context, process: 1);

        results.Append(again).Should().AllSatisfy(result => result.Events.Should().Equal(new InvoiceIssued(2, "c2", 20)));
        (await app.HistoryAsync()).Should().HaveCount(3);
    }

    [Fact]
    public void The_next_number_follows_the_last()
    {
        var issue = new IssueInvoice("c1", 10);
        RunningBoundaries.Given(issue).When(issue.Decide).Then(new InvoiceIssued(1, "c1", 10));
        RunningBoundaries.Given(issue, new InvoiceIssued(1, "c2", 5), new InvoiceIssued(2, "c1", 7)).When(issue.Decide).Then(new InvoiceIssued(3, "c1", 10));
        var free = new IssueInvoice("c1", 0);
        RunningBoundaries.Given(free).When(free.Decide).ThenThrows<RefusedException>();
    }
}

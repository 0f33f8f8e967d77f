using EventSourcing;
using EventSourcing.Testing;
using Retail.Accounts;
using Retail.Events;
using Retail.Input;

namespace Retail;

/// <summary>What a line of an invoice becomes.</summary>
public sealed class CustomerAccountTests
{
    private static readonly InvoiceRow Row = new(
        1, "536365", "85123A", "WHITE HANGING HEART", 6, new DateTime(2010, 12, 1, 8, 26, 0), 2.550m, "17850", "United Kingdom");

    private static readonly InvoiceRow Return = Row with { Number = 2, InvoiceNo = "C536379" };

    [Fact]
    public void A_line_with_a_price_is_sold() => Scenario.For<CustomerAccount>()
        .When(account => account.Enter(Row))
        .Then(new LineSold(Row));

    [Fact]
    public void A_line_without_a_price_adjusts_the_stock() => Scenario.For<CustomerAccount>()
        .When(account => account.Enter(Row with { UnitPrice = 0.000m }))
        .Then(new StockAdjusted(Row with { UnitPrice = 0.000m }));

    [Theory]
    [InlineData(1.5)]
    [InlineData(0)]
    public void An_invoice_with_an_A_is_a_bad_debt_whatever_its_price(double price) => Scenario.For<CustomerAccount>()
        .When(account => account.Enter(Row with { InvoiceNo = "A563185", UnitPrice = (decimal)price }))
        .Then(new BadDebtAdjusted(Row with { InvoiceNo = "A563185", UnitPrice = (decimal)price }));

    [Theory]
    [InlineData(-6, CancellationMatch.Matched)]
    [InlineData(-1, CancellationMatch.Matched)]
    [InlineData(-7, CancellationMatch.Unmatched)]
    [InlineData(int.MinValue, CancellationMatch.Unmatched)]
    public void A_cancellation_is_compared_with_what_is_held(int quantity, CancellationMatch match) => Scenario.For<CustomerAccount>()
        .Given(new LineSold(Row))
        .When(account => account.Enter(Return with { Quantity = quantity }))
        .Then(new LineCancelled(Return with { Quantity = quantity }) { Match = match });

    [Fact]
    public void Nothing_is_held_after_an_unmatched_cancellation() => Scenario.For<CustomerAccount>()
        .Given(new LineSold(Row), new LineCancelled(Return with { Quantity = -10 }) { Match = CancellationMatch.Unmatched })
        .When(account => account.Held("85123A").Should().Be(0))
        .ThenNothing();

    [Fact]
    public void What_is_held_rises_by_sales_and_adjustments_and_falls_by_matched_cancellations() => Scenario.For<CustomerAccount>()
        .Given(
            new LineSold(Row),
            new StockAdjusted(Row with { Quantity = -2, UnitPrice = 0 }),
            new LineCancelled(Return with { Quantity = -1 }) { Match = CancellationMatch.Matched },
            new BadDebtAdjusted(Row with { InvoiceNo = "A1" }))
        .When(account => account.Held("85123A").Should().Be(3))
        .ThenNothing();

    [Fact]
    public void Stock_codes_that_differ_in_case_are_different_products() => Scenario.For<CustomerAccount>()
        .Given(new LineSold(Row))
        .When(account => account.Enter(Return with { StockCode = "85123a", Quantity = -1 }))
        .Then(new LineCancelled(Return with { StockCode = "85123a", Quantity = -1 }) { Match = CancellationMatch.Unmatched });

    [Fact]
    public void A_row_that_is_entered_already_is_not_entered_again() => Scenario.For<CustomerAccount>()
        .Given(new LineSold(Row), new LineSold(Row with { Number = 3 }))
        .When(account =>
        {
            account.Enter(Row);
            account.Enter(Row with { Number = 3 });
            account.Enter(Row with { Number = 4 });
        })
        .Then(new LineSold(Row with { Number = 4 }));

    [Fact]
    public void More_may_be_held_than_one_row_can_say() => Scenario.For<CustomerAccount>()
        .Given(new LineSold(Row with { Quantity = int.MaxValue }), new LineSold(Row with { Number = 2, Quantity = int.MaxValue }))
        .When(account => account.Enter(Return with { Number = 3, Quantity = -100 }))
        .Then(new LineCancelled(Return with { Number = 3, Quantity = -100 }) { Match = CancellationMatch.Matched });

    [Fact]
    public void A_walk_ins_cancellation_is_not_checked() => Scenario.For<CustomerAccount>()
        .When(account => account.Enter(Return with { CustomerId = null, Quantity = -1 }))
        .Then(new LineCancelled(Return with { CustomerId = null, Quantity = -1 }) { Match = CancellationMatch.NotChecked });

    [Fact]
    public void A_row_belongs_to_its_customers_stream_or_to_its_invoices()
    {
        CustomerAccount.StreamOf(Row).Should().Be(new StreamName("customer-17850"));
        CustomerAccount.StreamOf(Row with { CustomerId = null }).Should().Be(new StreamName("walkin-536365"));
    }
}

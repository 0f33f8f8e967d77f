namespace Retail.Input;

/// <summary>A small shop made up by itself, the same each time, with everything that the real one has: returns, walk-ins, gifts, a bad debt.</summary>
public sealed class SampleShop(int invoices = 1500, int seed = 4711) : IInvoiceSource
{
    private static readonly string[] Countries = ["United Kingdom", "United Kingdom", "United Kingdom", "France", "Germany", "EIRE", "España"];

    private static readonly (string Code, string? Name, decimal Price)[] Products =
    [
        ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 2.55m),
        ("85123a", "CREAM HANGING HEART T-LIGHT HOLDER", 2.95m),
        ("22423", "REGENCY CAKESTAND 3 TIER", 12.75m),
        ("47566", "PARTY BUNTING", 4.95m),
        ("84879", "ASSORTED COLOUR BIRD ORNAMENT", 1.69m),
        ("22720", "SET OF 3 CAKE TINS \"PANTRY\", RED", 4.95m),
        ("21212", "PACK OF 72 RETROSPOT CAKE CASES", 0.55m),
        ("79321", "CHILLI LIGHTS", 5.755m),
        ("22197", "POPCORN HOLDER", 0.85m),
        ("POST", "POSTAGE", 18.00m),
        ("20725", "LUNCH BAG CAFÉ", 1.65m),
        ("23084", null, 2.08m),
    ];

    /// <inheritdoc/>
    public string Name => "a small shop made up by the sample";

    /// <inheritdoc/>
    public IEnumerable<(InvoiceRow Row, double Done)> Read()
    {
        var random = new Random(seed);
        var time = new DateTime(2010, 12, 1, 8, 26, 0);
        long number = 0;
        for (var i = 0; i < invoices; i++)
        {
            time = time.AddMinutes(random.Next(1, 500));
            var customer = random.Next(6) == 0 ? null : $"{12346 + random.Next(120)}";
            var isCancellation = random.Next(8) == 0;
            var isBadDebt = i == invoices / 2;
            var invoice = $"{(isBadDebt ? "A" : isCancellation ? "C" : string.Empty)}{536365 + i}";
            var country = Countries[random.Next(Countries.Length)];
            var lines = isBadDebt ? 1 : random.Next(1, 25);
            for (var line = 0; line < lines; line++)
            {
                var (code, name, price) = Products[random.Next(Products.Length)];
                var units = random.Next(1, 30);
                var row = isBadDebt
                    ? new InvoiceRow(++number, invoice, "B", "Adjust bad debt", 1, time, -110.62m, null, "United Kingdom")
                    : new InvoiceRow(
                        ++number, invoice, code, name, isCancellation ? -units : units, time, !isCancellation && random.Next(60) == 0 ? 0m : price, customer, country);
                yield return (row, (double)(i + 1) / invoices);
            }
        }
    }
}

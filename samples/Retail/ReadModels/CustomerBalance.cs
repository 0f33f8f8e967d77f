namespace Retail.ReadModels;

/// <summary>One customer's sums, in pounds.</summary>
public sealed record CustomerBalance(string Customer, long Lines, long Invoices, decimal Sold, decimal Cancelled, decimal Net);

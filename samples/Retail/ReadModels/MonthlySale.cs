namespace Retail.ReadModels;

/// <summary>A country's sums in one month, in pounds.</summary>
public sealed record MonthlySale(string Month, string Country, long Lines, decimal Net, decimal Cancelled);

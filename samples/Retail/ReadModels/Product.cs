namespace Retail.ReadModels;

/// <summary>One product's units, and its net in pounds.</summary>
public sealed record Product(string StockCode, long Sold, long Cancelled, long Adjusted, decimal Net);

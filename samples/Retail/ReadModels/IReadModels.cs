namespace Retail.ReadModels;

/// <summary>The shop's read models, wherever they are kept.</summary>
public interface IReadModels
{
    /// <summary>Counts over the whole log.</summary>
    Task<Journal> JournalAsync(CancellationToken cancellationToken);

    /// <summary>All customers.</summary>
    Task<IReadOnlyList<CustomerBalance>> CustomersAsync(CancellationToken cancellationToken);

    /// <summary>All months and countries.</summary>
    Task<IReadOnlyList<MonthlySale>> SalesAsync(CancellationToken cancellationToken);

    /// <summary>All products.</summary>
    Task<IReadOnlyList<Product>> ProductsAsync(CancellationToken cancellationToken);
}

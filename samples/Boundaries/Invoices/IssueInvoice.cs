using EventSourcing;

namespace Boundaries.Invoices;

/// <summary>Issues an invoice under the next number. A number that is taken is stored with its invoice or not at all: there is no gap.</summary>
public sealed class IssueInvoice(string customerId, decimal amount) : IDecision
{
    // Each invoice tells its number, so the latest one tells all: nothing is counted, however many there are.
    private readonly DecisionProjection<int> last =
        new DecisionProjection<int>(0, "invoices").On<InvoiceIssued>((_, issued) => issued.Number).LatestOnly();

    /// <inheritdoc/>
    public IReadOnlyList<DecisionProjection> Projections => [last];

    /// <inheritdoc/>
    public IEnumerable<object> Decide(DecisionState known) => amount <= 0
        ? throw new RefusedException("An invoice asks for something.")
        : [new InvoiceIssued(known.Of(last) + 1, customerId, amount)];
}

using System.Runtime.CompilerServices;
using EventSourcing;
using EventSourcing.PostgreSql;
using Retail.Accounts;
using Retail.Input;

namespace Retail.Import;

/// <summary>
/// Enters invoices many at a time. The accounts decide as they do for commands, but stay in memory meanwhile, and what they
/// decide goes into the log as an import: the order is that of the rows, so that the log's last row tells what is in it.
/// </summary>
public sealed class BulkEntry(IRepository repository, EventSerializer serializer)
{
    private const int MaxAttempts = 3;

    /// <summary>Enters invoices.</summary>
    /// <param name="store">The log.</param>
    /// <param name="invoices">Gives the invoices that are not in the log yet; asked again after a conflict.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>How many rows were entered.</returns>
    public async Task<long> EnterAsync(
        PostgreSqlEventStore store, Func<Task<IEnumerable<InvoiceRow[]>>> invoices, CancellationToken cancellationToken)
    {
        long entered = 0;
        for (var attempt = 1; ; attempt++)
        {
            ImportProgress? reached = null;
            try
            {
                var parts = PartsAsync(await invoices(), cancellationToken);
                var result = await store.ImportAsync(parts, new Last(progress => reached = progress), cancellationToken);
                return entered + result.Stored;
            }
            catch (ConcurrencyConflictException) when (attempt < MaxAttempts)
            {
                // The last batch of an import that was killed, which the server has finished only now: go on behind it.
                entered += reached?.Stored ?? 0;
            }
        }
    }

    private async IAsyncEnumerable<StreamAppend> PartsAsync(
        IEnumerable<InvoiceRow[]> invoices, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var accounts = new Dictionary<StreamName, (CustomerAccount Account, int Taken)>();
        foreach (var rows in invoices)
        {
            var command = Guid.NewGuid().ToString();
            var metadata = new EventMetadata { CommandId = command, CorrelationId = command, CausationId = command };
            for (var from = 0; from < rows.Length;)
            {
                var stream = CustomerAccount.StreamOf(rows[from]);
                var (account, taken) = accounts.TryGetValue(stream, out var known)
                    ? known
                    : (await repository.LoadAsync<CustomerAccount>(stream, cancellationToken), 0);
                for (; from < rows.Length && CustomerAccount.StreamOf(rows[from]) == stream; from++)
                {
                    account.Enter(rows[from]);
                }

                var events = account.UncommittedEvents.Skip(taken).Select(@event => serializer.Serialize(@event, metadata)).ToList();
                accounts[stream] = (account, taken + events.Count);
                if (events.Count > 0)
                {
                    yield return new StreamAppend(stream, ExpectedVersion.At(account.Version.Add(taken)), events);
                }
            }
        }
    }

    private sealed class Last(Action<ImportProgress> keep) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => keep(value);
    }
}

using EventSourcing;
using EventSourcing.PostgreSql;
using Retail.Accounts;
using Retail.Events;
using Retail.Input;

namespace Retail.Import;

/// <summary>
/// Enters the rows of a source, in their order: consecutive rows of one invoice and time together. What an earlier run has
/// entered is recognised by the row number of the log's last event and not read again; what it has entered all the same, the
/// account recognises.
/// </summary>
public sealed class Importer(ICommandDispatcher dispatcher, BulkEntry bulk, IEventStore store, EventSerializer serializer)
{
    /// <summary>Enters what is not in the log yet: in PostgreSQL many invoices at a time, otherwise one command each.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="isOneByOne">Whether to enter by commands in PostgreSQL too.</param>
    /// <param name="progress">Is told how much of the source is read, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two invoices.</param>
    /// <returns>How many rows were entered, and how many were there already.</returns>
    /// <exception cref="InputException">The source cannot be read, or the log holds another one.</exception>
    public async Task<(long Entered, long Skipped)> ImportAsync(
        IInvoiceSource source, bool isOneByOne, Action<double> progress, CancellationToken cancellationToken)
    {
        long entered = 0;
        long seen = 0;
        if (!isOneByOne && store is PostgreSqlEventStore postgreSql)
        {
            entered = await bulk.EnterAsync(postgreSql, InvoicesAsync, cancellationToken);
        }
        else
        {
            foreach (var rows in await InvoicesAsync())
            {
                cancellationToken.ThrowIfCancellationRequested();
                entered += (await dispatcher.DispatchAsync(new EnterInvoice(rows), cancellationToken: cancellationToken)).Events.Count;
            }
        }

        progress(1);
        return (entered, seen - entered);

        async Task<IEnumerable<InvoiceRow[]>> InvoicesAsync()
        {
            var last = await LastLineAsync(cancellationToken);
            return Invoices(source, last, (row, done) =>
            {
                seen = row;
                progress(done);
            });
        }
    }

    private static IEnumerable<InvoiceRow[]> Invoices(IInvoiceSource source, InvoiceLine? last, Action<long, double> progress)
    {
        var invoice = new List<InvoiceRow>();
        long seen = 0;
        foreach (var (row, done) in source.Read())
        {
            seen = row.Number;
            if (row.Number <= last?.Row)
            {
                ThrowIfOther(source, row, last);
                continue;
            }

            if (invoice.Count > 0 && (row.InvoiceNo != invoice[0].InvoiceNo || row.InvoiceDate != invoice[0].InvoiceDate))
            {
                yield return [.. invoice];
                invoice.Clear();
                progress(seen, done);
            }

            invoice.Add(row);
        }

        if (last is not null && seen < last.Row)
        {
            throw new InputException($"The log ends with row {last.Row}, but {source.Name} has only {seen}: the log holds another input.");
        }

        progress(seen, 1);
        if (invoice.Count > 0)
        {
            yield return [.. invoice];
        }
    }

    private static void ThrowIfOther(IInvoiceSource source, InvoiceRow row, InvoiceLine last)
    {
        if (row.Number == last.Row && row != last.ToRow())
        {
            throw new InputException(
                $"Row {row.Number} of {source.Name} is not the row {row.Number} that the log holds: the log holds another input. Use another database, or the input that it was begun with.");
        }
    }

    private async Task<InvoiceLine?> LastLineAsync(CancellationToken cancellationToken)
    {
        var head = (await store.GetHeadAsync(cancellationToken)).Final;
        if (head == LogPosition.Start)
        {
            return null;
        }

        var page = await store.ReadLogAsync(new LogReadOptions { After = new LogPosition(head.Value - 1) }, cancellationToken);
        return (InvoiceLine)serializer.Deserialize(page.Events[^1]).Event;
    }
}

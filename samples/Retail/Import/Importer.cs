using EventSourcing;
using Retail.Accounts;
using Retail.Events;
using Retail.Input;

namespace Retail.Import;

/// <summary>
/// Enters the rows of a source as commands, in their order: consecutive rows of one invoice and time together. What an
/// earlier run has entered is recognised by the row number of the log's last event and not
/// read again; what it has entered all the same, the account recognises.
/// </summary>
public sealed class Importer(ICommandDispatcher dispatcher, IEventStore store, EventSerializer serializer)
{
    /// <summary>Enters what is not in the log yet.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="progress">Is told how much of the source is read, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops between two invoices.</param>
    /// <returns>How many rows were entered, and how many were there already.</returns>
    /// <exception cref="InputException">The source cannot be read, or the log holds another one.</exception>
    public async Task<(long Entered, long Skipped)> ImportAsync(
        IInvoiceSource source, Action<double> progress, CancellationToken cancellationToken)
    {
        var last = await LastLineAsync(cancellationToken);
        var invoice = new List<InvoiceRow>();
        long entered = 0;
        long seen = 0;
        foreach (var (row, done) in source.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            seen = row.Number;
            if (row.Number <= last?.Row)
            {
                ThrowIfOther(source, row, last);
                continue;
            }

            if (invoice.Count > 0 && (row.InvoiceNo != invoice[0].InvoiceNo || row.InvoiceDate != invoice[0].InvoiceDate))
            {
                entered += await EnterAsync(invoice, cancellationToken);
                progress(done);
            }

            invoice.Add(row);
        }

        if (last is not null && seen < last.Row)
        {
            throw new InputException($"The log ends with row {last.Row}, but {source.Name} has only {seen}: the log holds another input.");
        }

        entered += invoice.Count == 0 ? 0 : await EnterAsync(invoice, cancellationToken);
        progress(1);
        return (entered, seen - entered);
    }

    private static void ThrowIfOther(IInvoiceSource source, InvoiceRow row, InvoiceLine last)
    {
        if (row.Number == last.Row && row != last.ToRow())
        {
            throw new InputException(
                $"Row {row.Number} of {source.Name} is not the row {row.Number} that the log holds: the log holds another input. Use another database, or the input that it was begun with.");
        }
    }

    private async Task<int> EnterAsync(List<InvoiceRow> invoice, CancellationToken cancellationToken)
    {
        var rows = invoice.ToArray();
        invoice.Clear();
        var result = await dispatcher.DispatchAsync(new EnterInvoice(rows), cancellationToken: cancellationToken);
        return result.Events.Count;
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

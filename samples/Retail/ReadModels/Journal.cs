using System.Text.Json.Serialization;
using Retail.Events;

namespace Retail.ReadModels;

/// <summary>Counts over the whole log.</summary>
public sealed class Journal
{
    /// <summary>Events of each stored type.</summary>
    public Dictionary<string, long> EventsByType { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Streams that hold an event.</summary>
    public long Streams { get; set; }

    /// <summary>Invoices entered at once: runs of lines with one number and one time.</summary>
    public long Appends { get; set; }

    /// <summary>The worth of all lines.</summary>
    public decimal Net { get; set; }

    /// <summary>Cancellations by how they compared with what was held.</summary>
    public Dictionary<CancellationMatch, long> Cancellations { get; init; } = [];

    /// <summary>The invoice of the last line, which the next line may continue.</summary>
    public string LastInvoice { get; set; } = string.Empty;

    /// <summary>The time of that invoice.</summary>
    public DateTime LastInvoiceDate { get; set; }

    /// <summary>All events.</summary>
    [JsonIgnore]
    public long Events => EventsByType.Values.Sum();

    /// <summary>Adds a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="type">The stored name of its type.</param>
    /// <param name="isFirstOfStream">Whether it begins its stream.</param>
    public void Add(InvoiceLine line, string type, bool isFirstOfStream)
    {
        EventsByType[type] = EventsByType.GetValueOrDefault(type) + 1;
        Streams += isFirstOfStream ? 1 : 0;
        Appends += line.InvoiceNo == LastInvoice && line.InvoiceDate == LastInvoiceDate ? 0 : 1;
        Net += line.Amount;
        if (line is LineCancelled cancelled)
        {
            Cancellations[cancelled.Match] = Cancellations.GetValueOrDefault(cancelled.Match) + 1;
        }

        LastInvoice = line.InvoiceNo;
        LastInvoiceDate = line.InvoiceDate;
    }
}

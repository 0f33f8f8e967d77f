namespace Retail.Input;

/// <summary>Where invoice lines come from.</summary>
public interface IInvoiceSource
{
    /// <summary>What it is, for people.</summary>
    string Name { get; }

    /// <summary>The rows in order, each with how much of the source is read so far, from 0 to 1.</summary>
    /// <exception cref="InputException">The source cannot be read, or a row makes no sense.</exception>
    IEnumerable<(InvoiceRow Row, double Done)> Read();
}

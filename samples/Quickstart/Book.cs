using EventSourcing;

namespace Quickstart;

/// <summary>Who has the book decides what may happen to it.</summary>
public sealed partial class Book : Aggregate
{
    private string? reader;

    /// <summary>Lends the book for four weeks.</summary>
    public void Lend(string to, DateOnly today)
    {
        if (reader is not null)
        {
            throw new InvalidOperationException($"{reader} has the book.");
        }

        Raise(new BookLent(to, today.AddDays(28)));
    }

    /// <summary>Takes the book back; does nothing where it is here.</summary>
    public void Return()
    {
        if (reader is not null)
        {
            Raise(new BookReturned(reader));
        }
    }

    private void Apply(BookLent lent) => reader = lent.Reader;

    private void Apply(BookReturned returned) => reader = null;
}

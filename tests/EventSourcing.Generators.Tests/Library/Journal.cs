namespace EventSourcing.Generators.Library;

public abstract partial class Paper : Aggregate
{
    public List<string> Calls { get; } = [];

    public void Lend() => Raise(new BookLent("Ada", default));

    public void Return() => Raise(new BookReturned());

    public void MarkAs(Mark mark) => Raise(new BookMarked(mark));

    private void Apply(BookLent lent) => Calls.Add($"Paper: lent to {lent.Reader}");
}

/// <summary>Handles more than its base does.</summary>
public sealed partial class Journal : Paper
{
    private void Apply(BookReturned returned) => Calls.Add("Journal: returned");
}

public static partial class Outer<T>
{
    /// <summary>In a generic class, with a name that is a keyword.</summary>
    internal sealed partial class @class : Aggregate
    {
        public T? Last { get; private set; }

        public bool IsLent { get; private set; }

        public void Lend() => Raise(new BookLent("Ada", default));

        private void Apply(BookLent lent) => IsLent = true;
    }
}

namespace EventSourcing.Generators.Library;

public sealed partial class Book : Aggregate
{
    public string? Reader { get; private set; }

    public IReadOnlyList<string> Calls => calls;

    private readonly List<string> calls = [];

    public void Lend(string reader, DateOnly due) =>
        Raise(Reader is null ? new BookLent(reader, due) : throw new InvalidOperationException($"{Reader} has it."));

    public void Return() => Raise(new BookReturned());

    public void MarkAs(Mark mark) => Raise(new BookMarked(mark));

    // Stands before those of the classes that derive from it, and is asked after them.
    private void Apply(BookEvent other) => calls.Add($"{other.GetType().Name} by base");

    private void Apply(BookLent lent)
    {
        Reader = lent.Reader;
        calls.Add("BookLent");
    }

    private void Apply(BookReturned returned)
    {
        Reader = null;
        calls.Add("BookReturned");
    }
}

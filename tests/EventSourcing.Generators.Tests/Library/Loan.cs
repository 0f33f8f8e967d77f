namespace EventSourcing.Generators.Library;

/// <summary>A decider whose state has a method for each event.</summary>
public sealed partial record Loan(string? Reader, int Marks)
{
    public static Decider<string?, Loan, BookEvent> Decider { get; } = new(new Loan(null, 0), Decide, Evolve);

    private static IEnumerable<BookEvent> Decide(string? reader, Loan loan) => (reader, loan.Reader) switch
    {
        (null, not null) => [new BookReturned()],
        (not null, null) => [new BookLent(reader, new DateOnly(2030, 1, 31)), new BookMarked(Mark.Torn)],
        _ => throw new InvalidOperationException(),
    };

    private static partial Loan Evolve(Loan loan, BookEvent @event);

    private Loan When(BookLent lent) => this with { Reader = lent.Reader };

    private Loan When(BookReturned returned) => this with { Reader = null };

    private static Loan When(Loan loan, BookMarked marked) => loan with { Marks = loan.Marks + 1 };
}

/// <summary>One whose state is of the framework, over events of any class.</summary>
public static partial class Lendings
{
    public static Fold<int> Fold { get; } = new(() => 0, Evolve);

    public static partial int Evolve(int count, object @event);

    private static int When(int count, BookLent lent) => count + 1;
}

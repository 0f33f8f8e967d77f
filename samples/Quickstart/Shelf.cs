using EventSourcing;

namespace Quickstart;

/// <summary>A book as the shelf shows it.</summary>
public sealed record ShelvedBook(string? Reader, int Lendings);

/// <summary>A read model: one view for each book's stream.</summary>
public sealed partial class Shelf() : ViewProjection<ShelvedBook>("shelf")
{
    private static ShelvedBook On(ShelvedBook? book, BookLent lent) => new(lent.Reader, (book?.Lendings ?? 0) + 1);

    private static ShelvedBook On(ShelvedBook book, BookReturned returned) => book with { Reader = null };
}

namespace EventSourcing.Torture;

/// <summary>The streams that are written to.</summary>
internal static class Accounts
{
    public const int Count = 240;

    /// <summary>The first ones are closed now and then; the others always have a view.</summary>
    public const int Closable = 40;

    /// <summary>The category of these streams. Who has no inline projection writes to another, for which there is none.</summary>
    public const string Category = "account";

    public static bool IsClosable(StreamName stream) => Enumerable.Range(0, Closable).Any(number => Stream(number) == stream);

    public static StreamName Stream(int number) => StreamName.For(Category, number);
}

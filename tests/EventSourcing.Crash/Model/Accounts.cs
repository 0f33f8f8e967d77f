namespace EventSourcing.Crash;

/// <summary>The streams that are written to.</summary>
internal static class Accounts
{
    public const int Count = 240;

    /// <summary>The first ones are closed now and then; the others always have a view.</summary>
    public const int Closable = 40;

    public static StreamName Stream(int number) => StreamName.For("account", number);
}

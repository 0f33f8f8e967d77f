namespace EventSourcing.Torture;

/// <summary>What the board of consumers shows.</summary>
internal static class Board
{
    public static bool HasPassed(ConsumerBoard board, LogPosition position) =>
        Projections.Names.All(name => board.Rows.Any(row => row.Key.Consumer == name))
        && board.Rows.Where(row => row.Role == ConsumerRole.Serving).All(row => row.Position >= position);

    public static Dictionary<string, int> Owned(ConsumerBoard board) => board.Processes.Where(process => process.IsAlive)
        .ToDictionary(process => process.Label, process => board.Rows.Count(row => row.IsHeld && row.Owner == process.Id));

    /// <summary>Whether so many processes hold everything between them, none more than one row more than another.</summary>
    public static bool IsEven(ConsumerBoard board, int processes)
    {
        var owned = Owned(board);
        return owned.Count == processes && board.Rows.All(row => row.IsHeld) && board.Rows.Count == owned.Values.Sum()
            && owned.Values.Max() - owned.Values.Min() <= 1;
    }

    public static string Describe(ConsumerBoard board) => string.Join('\n', board.Rows.Select(row =>
        $"{row.Key} generation {row.Key.Generation} version {row.Version} {row.Role} position {row.Position} epoch {row.Epoch} "
        + $"owner {board.Processes.FirstOrDefault(process => process.Id == row.Owner)?.Label} held {row.IsHeld} {row.State} {row.Error}"));
}

namespace EventSourcing.Torture;

/// <summary>What appends apply themselves shows the whole log at any moment: there is no checkpoint to be behind at.</summary>
internal static class InlineCheck
{
    /// <summary>What is wrong with a snapshot; empty where appends do not apply the projection yet.</summary>
    public static List<string> Differences(Snapshot snapshot)
    {
        if (!snapshot.Inline.Contains(Inlined.Table))
        {
            return [];
        }

        // Of one event after the other a view becomes what its stream alone says, as with the balances.
        var accounts = snapshot.Log.Where(one => one.Stream.StartsWith(Accounts.Category + "-", StringComparison.Ordinal)).ToArray();
        var expected = PlainFold.Fold(accounts, "balances", [(0, 1, long.MaxValue)], version: 1);
        var shown = snapshot.Views.GetValueOrDefault(Inlined.Table) ?? new Dictionary<string, Tally>();
        return [.. expected.Keys.Union(shown.Keys).Order(StringComparer.Ordinal)
            .Where(key => expected.GetValueOrDefault(key) != shown.GetValueOrDefault(key))
            .Select(key => $"inline: '{key}' shows {shown.GetValueOrDefault(key)?.ToString() ?? "nothing"} instead of {expected.GetValueOrDefault(key)?.ToString() ?? "nothing"}")];
    }
}

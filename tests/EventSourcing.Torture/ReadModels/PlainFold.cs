namespace EventSourcing.Torture;

/// <summary>What every read model has to show, folded from the log by plain code that shares nothing with the projections.</summary>
internal static class PlainFold
{
    /// <summary>What is wrong with a snapshot; empty where each read model is the fold of the log up to its checkpoint.</summary>
    public static List<string> Differences(Snapshot snapshot)
    {
        var wrong = new List<string>();
        foreach (var rows in snapshot.Serving.GroupBy(row => row.Name).Where(rows => Projections.Names.Contains(rows.Key)))
        {
            var expected = Fold(snapshot.Log, rows.Key, [.. rows.Select(row => (row.Shard, row.Shards, row.Position))], rows.First().Version);
            var shown = snapshot.Views.GetValueOrDefault(rows.Key) ?? new Dictionary<string, Tally>();
            var where = string.Join(",", rows.Select(row => row.Position));
            foreach (var key in expected.Keys.Union(shown.Keys).Order(StringComparer.Ordinal))
            {
                var (should, does) = (expected.GetValueOrDefault(key), shown.GetValueOrDefault(key));
                if (should != does)
                {
                    wrong.Add($"{rows.Key} at {where}: '{key}' shows {does?.ToString() ?? "nothing"} instead of {should?.ToString() ?? "nothing"}");
                }
            }

            if (rows.Key == "sums")
            {
                var positions = snapshot.Log.Where(one => one.Position <= rows.First().Position).Select(one => one.Position).ToArray();
                if (!positions.SequenceEqual(snapshot.Applied))
                {
                    wrong.Add(
                        $"sums at {where}: left out [{string.Join(",", positions.Except(snapshot.Applied).Take(5))}], "
                        + $"twice [{string.Join(",", snapshot.Applied.GroupBy(one => one).Where(same => same.Count() > 1).Select(same => same.Key).Take(5))}], "
                        + $"too many [{string.Join(",", snapshot.Applied.Except(positions).Take(5))}]");
                }
            }
        }

        return wrong;
    }

    /// <summary>The views that a log comes to, each shard up to its checkpoint.</summary>
    public static Dictionary<string, Tally> Fold(IReadOnlyList<LoggedEvent> log, string name, (int Shard, int Shards, long Position)[] checkpoints, int version)
    {
        var views = new Dictionary<string, Tally>(StringComparer.Ordinal);
        foreach (var one in log)
        {
            var (_, _, upTo) = checkpoints.Single(at => one.Bucket >= 1024 * at.Shard / at.Shards && one.Bucket < 1024 * (at.Shard + 1) / at.Shards);
            if (one.Position > upTo)
            {
                continue;
            }

            switch (name, one.Type)
            {
                case ("balances", "closed"): views.Remove(one.Stream); break;
                case ("labels", "cleared"): views.Remove(one.Label!); break;
                case ("balances", "moved"): Add(one.Stream, one.Amount); break;
                case ("ledgers", "moved"): Add($"digit-{one.Amount % 10}", one.Amount); break;
                case ("sums", _): Add(one.Stream, one.Amount); break;
                case ("labels", "moved"):
                    foreach (var label in one.Labels.Distinct())
                    {
                        Add(label, one.Amount);
                    }

                    break;
            }

            void Add(string key, long amount)
            {
                var before = views.GetValueOrDefault(key, new Tally(0, 0, 0, version));
                var chain = (before.Chain * 1_000_003 + one.Position) % 1_000_000_007;
                views[key] = new Tally(before.Count + 1, before.Sum + amount, chain, version);
            }
        }

        return views;
    }
}

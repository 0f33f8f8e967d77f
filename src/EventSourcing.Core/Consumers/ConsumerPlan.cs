namespace EventSourcing;

/// <summary>
/// Decides, from the board alone, what a process does next. Every process computes the same from the same board, one at a
/// time, so that consumers are spread evenly without a leader.
/// </summary>
internal static class ConsumerPlan
{
    /// <summary>What a process changes each time that it says that it is there: it renews what it holds and takes its part of
    /// what nobody holds.</summary>
    public static ConsumerBoardChange Beat(
        ConsumerBoard board,
        ConsumerProcess me,
        IReadOnlyCollection<ConsumerDefinition> definitions,
        IReadOnlyDictionary<ConsumerKey, ConsumerReport> reports,
        TimeSpan leaseTime)
    {
        var added = new List<ConsumerRow>();
        var removed = new List<ConsumerKey>();
        foreach (var definition in definitions)
        {
            Generations(board.Rows.Where(row => row.Key.Consumer == definition.Name).ToArray(), definition, added, removed);
        }

        var changed = new List<(long, ConsumerRow)>();
        foreach (var row in board.Rows.Where(row => !removed.Contains(row.Key)))
        {
            if (row.Owner == me.Id)
            {
                changed.Add((row.Epoch, reports.TryGetValue(row.Key, out var report) && report.Epoch == row.Epoch
                    ? row with { State = report.State, Error = report.Error, EventsPerSecond = report.EventsPerSecond }
                    : row));
            }
        }

        var free = added.Concat(Free(board.Rows, me).Where(row => !removed.Contains(row.Key)));
        foreach (var row in AssignedTo(me, free, Loads(board, me)))
        {
            var taken = row with { Owner = me.Id, Epoch = row.Epoch + 1, State = ConsumerState.Stopped, Error = null, EventsPerSecond = 0 };
            if (added.Remove(row))
            {
                added.Add(taken);
            }
            else
            {
                changed.Add((row.Epoch, taken));
            }
        }

        return new ConsumerBoardChange
        {
            Present = me,
            Added = added,
            Changed = changed,
            Removed = removed,
            Demoted = Demoted(board, definitions),
            LeaseTime = leaseTime,
        };
    }

    /// <summary>Which rows a process is to give up, because others have less to do.</summary>
    public static IReadOnlyList<ConsumerRow> Surplus(ConsumerBoard board, ConsumerProcess me)
    {
        var loads = Loads(board, me);

        // What is free counts for those who will take it: else more would be given up for them, and more, until they have come to take it.
        _ = AssignedTo(me, Free(board.Rows, me), loads);
        var surplus = new List<ConsumerRow>();
        foreach (var row in InOrder(board.Rows.Where(row => row.Owner == me.Id && row.IsHeld)).Reverse())
        {
            var other = LeastLoaded(row, loads);
            if (other is not null && other.Id != me.Id && loads[other] + 1 < loads[me])
            {
                loads[other]++;
                loads[me]--;
                surplus.Add(row);
            }
        }

        return surplus;
    }

    /// <summary>Gives rows up, for others to take at once.</summary>
    public static ConsumerBoardChange GiveUp(
        ConsumerBoard board, Guid me, Func<ConsumerRow, bool> which, IReadOnlyDictionary<ConsumerKey, ConsumerReport> reports) => new()
        {
            Changed =
            [
                .. from row in board.Rows
                   where row.Owner == me && which(row)
                   let report = reports.GetValueOrDefault(row.Key)
                   let hasFailed = report?.State == ConsumerState.Failed && report.Epoch == row.Epoch
                   select (row.Epoch, row with
                   {
                       Owner = null,
                       Epoch = row.Epoch + 1,
                       State = hasFailed ? ConsumerState.Failed : ConsumerState.Stopped,
                       Error = hasFailed ? report!.Error : null,
                       EventsPerSecond = 0,
                   }),
            ],
        };

    /// <summary>Pauses a consumer, or lets it go on, also after a failure.</summary>
    public static ConsumerBoardChange Pause(ConsumerBoard board, string consumer, bool isPaused) => new()
    {
        // A pause holds for appends, too. Both at once: whoever takes the row in between would let them apply it again.
        Demoted = isPaused && board.Rows.Any(row => row.Key.Consumer == consumer && row.IsInline) ? [consumer] : [],

        // Resuming takes the row from its owner: whoever takes it next begins anew.
        Changed =
        [
            .. from row in board.Rows
               where row.Key.Consumer == consumer && (isPaused ? !row.IsPaused || row.IsInline : row.IsPaused || row.State == ConsumerState.Failed)
               let epoch = row.IsInline && isPaused ? row.Epoch + 1 : row.Epoch
               select (epoch, isPaused
                   ? row with { IsPaused = true, IsInline = false, Epoch = epoch }
                   : row with { IsPaused = false, Owner = null, Epoch = row.Epoch + 1, State = ConsumerState.Stopped, Error = null }),
        ],
    };

    /// <summary>Begins to build a projection anew, where that is not under way.</summary>
    public static ConsumerBoardChange Rebuild(ConsumerBoard board, ConsumerDefinition definition)
    {
        var rows = board.Rows.Where(row => row.Key.Consumer == definition.Name).ToArray();
        var building = rows.Where(row => row.Role == ConsumerRole.Building).ToArray();

        // What another version has begun and nobody runs any more, as after a deployment was taken back, would never be finished.
        return rows.Length == 0 || building.Any(row => row.IsHeld || row.Version == definition.Version)
            ? new ConsumerBoardChange()
            : new ConsumerBoardChange
            {
                Removed = [.. building.Select(row => row.Key)],
                Added = [.. NewRows(definition, NextGeneration(rows), ConsumerRole.Building, LogPosition.Start)],
            };
    }

    /// <summary>What appends apply although this process cannot, because it knows another version or wants it run by itself.</summary>
    private static string[] Demoted(ConsumerBoard board, IEnumerable<ConsumerDefinition> definitions) =>
    [
        .. from definition in definitions
           from row in board.Rows
           where row.IsInline && row.Key.Consumer == definition.Name && !(definition.IsInline && row.Version == definition.Version)
           select definition.Name,
    ];

    /// <summary>Brings the generations on the board in line with what this process knows.</summary>
    private static void Generations(ConsumerRow[] rows, ConsumerDefinition definition, List<ConsumerRow> added, List<ConsumerKey> removed)
    {
        if (rows.Length == 0)
        {
            added.AddRange(NewRows(definition, generation: 1, ConsumerRole.Serving, definition.Start));
            return;
        }

        var building = rows.Where(row => row.Role == ConsumerRole.Building).ToArray();
        var serving = rows.Where(row => row.Role == ConsumerRole.Serving).ToArray();
        if (!definition.IsRebuildable)
        {
            Reshard(serving, definition, added, removed);
        }
        else if (serving.All(row => row.Version < definition.Version) && building.All(row => row.Version < definition.Version))
        {
            removed.AddRange(building.Select(row => row.Key));
            added.AddRange(NewRows(definition, NextGeneration(rows), ConsumerRole.Building, LogPosition.Start));
        }
    }

    /// <summary>
    /// Divides a reactor anew, when nobody runs it. Every shard goes on at the position of the one that is farthest behind:
    /// what others have handled beyond it is known by its receipts.
    /// </summary>
    private static void Reshard(ConsumerRow[] rows, ConsumerDefinition definition, List<ConsumerRow> added, List<ConsumerKey> removed)
    {
        var latest = rows.Max(row => row.Key.Generation);
        removed.AddRange(rows.Where(row => row.Key.Generation < latest).Select(row => row.Key));
        var current = rows.Where(row => row.Key.Generation == latest).ToArray();
        if (current[0].Key.Shard.Count != definition.Shards && !current.Any(row => row.IsHeld))
        {
            removed.AddRange(current.Select(row => row.Key));
            var position = current.Min(row => row.Position);
            added.AddRange(NewRows(definition, latest + 1, ConsumerRole.Serving, position)
                .Select(row => row with { IsPaused = current.Any(old => old.IsPaused) }));
        }
    }

    private static int NextGeneration(ConsumerRow[] rows) => rows.Max(row => row.Key.Generation) + 1;

    private static IEnumerable<ConsumerRow> NewRows(ConsumerDefinition definition, int generation, ConsumerRole role, LogPosition start) =>
        Enumerable.Range(0, definition.Shards).Select(index => new ConsumerRow
        {
            Key = new ConsumerKey(definition.Name, generation, new StreamShard(index, definition.Shards)),
            Version = definition.Version,
            Role = role,
            Position = start,
        });

    /// <summary>How many rows each living process holds.</summary>
    private static Dictionary<ConsumerProcess, int> Loads(ConsumerBoard board, ConsumerProcess me) => board.Processes
        .Where(process => process.IsAlive && process.Id != me.Id)
        .Append(me)
        .ToDictionary(process => process, process => board.Rows.Count(row => row.IsHeld && row.Owner == process.Id));

    private static IEnumerable<ConsumerRow> Free(IEnumerable<ConsumerRow> rows, ConsumerProcess me) => rows.Where(row => !row.IsHeld && !row.IsInline && row.Owner != me.Id);

    /// <summary>Shares out what is free, adding it to the loads; the result is what falls to this process.</summary>
    private static List<ConsumerRow> AssignedTo(ConsumerProcess me, IEnumerable<ConsumerRow> free, Dictionary<ConsumerProcess, int> loads)
    {
        var assigned = new List<ConsumerRow>();
        foreach (var row in InOrder(free))
        {
            if (LeastLoaded(row, loads) is { } taker)
            {
                loads[taker]++;
                if (taker.Id == me.Id)
                {
                    assigned.Add(row);
                }
            }
        }

        return assigned;
    }

    private static ConsumerProcess? LeastLoaded(ConsumerRow row, Dictionary<ConsumerProcess, int> loads)
    {
        var capability = ConsumerDefinition.CapabilityOf(row.Key.Consumer, row.Version);
        return loads.Keys.Where(process => process.Runs.Contains(capability)).OrderBy(process => loads[process]).ThenBy(process => process.Id).FirstOrDefault();
    }

    private static IEnumerable<ConsumerRow> InOrder(IEnumerable<ConsumerRow> rows) => rows
        .OrderBy(row => row.Key.Consumer, StringComparer.Ordinal)
        .ThenBy(row => row.Key.Generation)
        .ThenBy(row => row.Key.Shard.Index);
}

namespace EventSourcing;

/// <summary>Grows a tree of effects, one generation after the other. Each event stands in it once and each command too, so that it ends
/// however their metadata refer to each other.</summary>
internal sealed class EffectSearch(IEventLookup lookup)
{
    /// <summary>As many ids are looked for at once.</summary>
    private const int IdsAtOnce = 500;

    private readonly HashSet<LogPosition> seen = [];
    private readonly Dictionary<string, CausalTree> commands = new(StringComparer.Ordinal);

    /// <summary>Finds all that followed.</summary>
    public async Task<CausalTree> GrowAsync(CausalTree root, CancellationToken cancellationToken)
    {
        Know(root);
        List<CausalTree> generation = [root];
        while (generation.Count > 0)
        {
            generation = await NextAsync(generation, cancellationToken).ConfigureAwait(false);
        }

        return root;
    }

    private async Task<List<CausalTree>> NextAsync(List<CausalTree> causes, CancellationToken cancellationToken)
    {
        var byId = new Dictionary<string, CausalTree>(StringComparer.Ordinal);
        foreach (var cause in causes)
        {
            byId.TryAdd(cause.Step.Id, cause);
        }

        var found = new List<AuditEntry>();
        await FindAsync(found, AuditKey.CausationId, byId.Keys, cancellationToken).ConfigureAwait(false);
        var ofCommands = causes.Where(cause => cause.Step.Kind == CausalStepKind.Command).Select(cause => cause.Step.Id);
        await FindAsync(found, AuditKey.CommandId, ofCommands, cancellationToken).ConfigureAwait(false);

        var next = new List<CausalTree>();
        foreach (var entry in found.OrderBy(entry => entry.Recorded.Position))
        {
            if (seen.Add(entry.Recorded.Position))
            {
                next.Add(Parent(entry, byId, next).Add(CausalStep.Of(entry)));
            }
        }

        return next;
    }

    /// <summary>The command that left the event, below what caused the command.</summary>
    private CausalTree Parent(AuditEntry entry, Dictionary<string, CausalTree> causes, List<CausalTree> next)
    {
        var command = entry.Metadata.CommandId;
        if (command is not null && commands.TryGetValue(command, out var known))
        {
            return known;
        }

        var cause = causes[entry.Metadata.CausationId!];
        if (command is null)
        {
            return cause;
        }

        var sent = cause.Add(CausalStep.OfCommand(command));
        Know(sent);
        next.Add(sent);
        return sent;
    }

    private void Know(CausalTree tree)
    {
        if (tree.Step.Entry is { } entry)
        {
            seen.Add(entry.Recorded.Position);
        }
        else
        {
            commands.Add(tree.Step.Id, tree);
        }
    }

    private async Task FindAsync(List<AuditEntry> found, AuditKey key, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        foreach (var some in ids.Chunk(IdsAtOnce))
        {
            await foreach (var recorded in lookup.FindAsync(key, some, cancellationToken).ConfigureAwait(false))
            {
                found.Add(new AuditEntry(recorded));
            }
        }
    }
}

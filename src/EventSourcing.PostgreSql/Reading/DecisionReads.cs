namespace EventSourcing.PostgreSql;

/// <summary>Reads for decisions: everything committed, with the position up to where the log was final before.</summary>
internal sealed class DecisionReads(EventReader reader, LogTail tail)
{
    /// <summary>So many positions may be named one by one before it is asked again how far the log is final.</summary>
    private const int MostNamed = 64;

    // At first nothing is known to be final, and all that matches would be named.
    private volatile bool isLookDue = true;

    public async Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken)
    {
        if (isLookDue)
        {
            await tail.GetHeadAsync(cancellationToken).ConfigureAwait(false);
            isLookDue = false;
        }

        // Before the reading: what is final later may have been committed after it.
        var result = await reader.QueryAsync(query, tail.Known, cancellationToken).ConfigureAwait(false);
        isLookDue |= result.Point.SeenAfter.Count > MostNamed;
        return result;
    }
}

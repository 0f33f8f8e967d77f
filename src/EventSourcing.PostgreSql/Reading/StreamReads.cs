namespace EventSourcing.PostgreSql;

/// <summary>A stream to enumerate; each enumeration is a reading of its own, ended by this token or the enumeration's.</summary>
internal sealed class StreamReads(ServerSession session, Sql sql, Names names, StreamName stream, StreamReadOptions options, CancellationToken cancellationToken)
    : IAsyncEnumerable<RecordedEvent>
{
    public IAsyncEnumerator<RecordedEvent> GetAsyncEnumerator(CancellationToken enumerationToken = default)
    {
        var linked = cancellationToken.CanBeCanceled && enumerationToken.CanBeCanceled && cancellationToken != enumerationToken
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, enumerationToken)
            : null;
        var token = linked?.Token ?? (enumerationToken.CanBeCanceled ? enumerationToken : cancellationToken);
        return new StreamReading(session, sql, names, stream, options, linked, token);
    }
}

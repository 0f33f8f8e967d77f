using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>
/// One tenant's part of a log that tenants share: to whoever has it a whole event store, in which nothing of the others can be read,
/// found, conflicted with or written.
/// </summary>
/// <remarks>
/// <para>In the log a tenant's streams and tags have its name at their end, <c>order-7@acme</c>, and each of its events has the tag
/// <see cref="TenantName.Tag"/>. Here they have neither.</para>
/// <para>Two things are the log's own: positions are those of all tenants together, so they tell how much the others write, though not what; and a wait ends
/// with an append of any of them.</para>
/// </remarks>
public sealed class TenantLog : IEventStore
{
    private readonly IEventStore log;
    private readonly TenantNaming naming;

    /// <summary>Takes a tenant's part of a log.</summary>
    /// <param name="log">The log, which stays the caller's.</param>
    /// <param name="tenant">The tenant.</param>
    /// <exception cref="ArgumentException">The log is a tenant's part itself.</exception>
    public TenantLog(IEventStore log, TenantName tenant)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (log is TenantLog other)
        {
            throw new ArgumentException($"The log is the part of tenant '{other.Tenant}': a tenant has none of its own.", nameof(log));
        }

        Tenant = new TenantName(tenant.Value);
        this.log = log;
        naming = new TenantNaming(tenant);
    }

    /// <summary>The tenant.</summary>
    public TenantName Tenant { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">As for any store; also, a name is too long with the tenant's, or an event has more than
    /// <see cref="Tag.MaxCount"/> - 1 tags.</exception>
    public async Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var result = await TranslatedAsync(() => log.AppendAsync(naming.Stored(request), cancellationToken)).ConfigureAwait(false);
        return result with { Streams = [.. result.Streams.Select((part, i) => part with { Stream = request.Streams[i].Stream })] };
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
        OwnAsync(log.ReadStreamAsync(naming.Stored(stream), options, cancellationToken), naming.Event, cancellationToken);

    /// <inheritdoc/>
    public async Task ReplayAsync(StreamName stream, StreamVersion after, ReplayHandler handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Exception? ofHandler = null;
        try
        {
            await log.ReplayAsync(naming.Stored(stream), after, Hand, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure != ofHandler && OwnOf(failure) is { } own)
        {
            throw own;
        }

        void Hand(ReplayedEvent replayed)
        {
            try
            {
                handler(replayed with { Stream = stream });
            }
            catch (Exception failure)
            {
                // It knows the tenant's names only.
                ofHandler = failure;
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public Task<StreamVersion?> FindVersionAsync(StreamName stream, Guid eventId, CancellationToken cancellationToken = default) =>
        TranslatedAsync(() => log.FindVersionAsync(naming.Stored(stream), eventId, cancellationToken));

    /// <inheritdoc/>
    public async Task<StreamInfo?> FindStreamAsync(StreamName stream, CancellationToken cancellationToken = default)
    {
        var found = await TranslatedAsync(() => log.FindStreamAsync(naming.Stored(stream), cancellationToken)).ConfigureAwait(false);
        return found is null ? null : found with { Stream = stream };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamInfo> ReadStreamsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var stored in OwnAsync(log.ReadStreamsAsync(cancellationToken), stored => stored, cancellationToken).ConfigureAwait(false))
        {
            if (naming.Own(stored.Stream) is { } own)
            {
                yield return stored with { Stream = own };
            }
        }
    }

    /// <inheritdoc/>
    public async Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return await TranslatedAsync(async () => naming.Page(
            await log.ReadLogAsync(naming.Stored(options), cancellationToken).ConfigureAwait(false), options.Filter)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<LogPage> ReadPagesAsync(LogReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OwnAsync(log.ReadPagesAsync(naming.Stored(options), cancellationToken), page => naming.Page(page, options.Filter), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return await TranslatedAsync(async () =>
        {
            var result = await log.QueryAsync(naming.Stored(query), cancellationToken).ConfigureAwait(false);
            return result with { Events = [.. result.Events.Select(naming.Event)] };
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default) => TranslatedAsync(() => log.GetHeadAsync(cancellationToken));

    /// <inheritdoc/>
    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default) => TranslatedAsync(async () =>
    {
        await log.WaitForAppendAsync(after, cancellationToken).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc/>
    public Task<IReadOnlyList<OpenAppend>> GetOpenAppendsAsync(CancellationToken cancellationToken = default) =>
        TranslatedAsync(() => log.GetOpenAppendsAsync(cancellationToken));

    private async Task<T> TranslatedAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception failure) when (OwnOf(failure) is { } own)
        {
            throw own;
        }
    }

    private async IAsyncEnumerable<TOwn> OwnAsync<TStored, TOwn>(
        IAsyncEnumerable<TStored> stored, Func<TStored, TOwn> own, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var all = stored.GetAsyncEnumerator(cancellationToken);
        await using (all.ConfigureAwait(false))
        {
            while (await MoveNextAsync(all).ConfigureAwait(false))
            {
                yield return own(all.Current);
            }
        }
    }

    private async ValueTask<bool> MoveNextAsync<T>(IAsyncEnumerator<T> all)
    {
        try
        {
            return await all.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (OwnOf(failure) is { } own)
        {
            throw own;
        }
    }

    /// <summary>The same failure with the tenant's own names, and nobody else's; null where it has none.</summary>
    private Exception? OwnOf(Exception failure) => failure switch
    {
        ConcurrencyConflictException conflict when conflict.Conflicts.Count > 0 => new ConcurrencyConflictException(
            [.. conflict.Conflicts.Select(one => one with { Stream = naming.Own(one.Stream) ?? one.Stream })], conflict.Unseen),
        StreamClosedException closed => new StreamClosedException(naming.Own(closed.Stream) ?? closed.Stream, closed.State),
        DamagedDataException damaged when damaged.Stream is { } stream && naming.Own(stream) is { } own =>
            new DamagedDataException(damaged.Message, damaged.InnerException) { Stream = own, Position = damaged.Position },
        DamagedDataException { Stream: not null } or DamagedDataException { InnerException: not null } => new DamagedDataException(
            $"An event of the log that tenants share cannot be read{(((DamagedDataException)failure).Position is { } at ? $": the one at position {at}" : string.Empty)}. Whoever runs the log sees more.")
        {
            Position = ((DamagedDataException)failure).Position,
        },
        _ => null,
    };
}

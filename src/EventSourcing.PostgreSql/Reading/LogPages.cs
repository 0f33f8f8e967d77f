using System.Runtime.CompilerServices;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Reads the log from one page to the next: several in one statement where there is much to read and the reader is quick, and
/// one by one near the end of the log, where they are in memory, or beside slow work.
/// </summary>
internal sealed class LogPages(LogTail tail, EventReader reader, TimeProvider time)
{
    private const int MostPages = 32;
    private const long MostEvents = 32_768;
    private const long MostBytes = 8 * 1024 * 1024;

    /// <summary>What is nearer to the end than this is read by pages: those who follow the log find it in memory.</summary>
    private const long FarBehind = 10_000;

    private static readonly TimeSpan QuickWork = LogRun.LongestUnwanted / 2;

    public async IAsyncEnumerable<LogPage> ReadAsync(LogReadOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LogRun? run = null;
        try
        {
            var pages = 1L;
            while (true)
            {
                LogPage? page = null;
                try
                {
                    page = run is null ? null : await run.NextAsync(cancellationToken).ConfigureAwait(false);
                    if (page is null && pages > 1 && tail.Known - options.After.Value > FarBehind)
                    {
                        await EndAsync(run).ConfigureAwait(false);
                        run = await reader.BeginRunAsync(options, tail.Known, (int)pages, time, cancellationToken).ConfigureAwait(false);
                        page = run is null ? null : await run.NextAsync(cancellationToken).ConfigureAwait(false);
                    }
                }
                catch (Exception) when (!cancellationToken.IsCancellationRequested)
                {
                    // Read below, where it is tried again or fails with the right exception.
                }

                page ??= await tail.ReadAsync(options, cancellationToken).ConfigureAwait(false);
                options = options with { After = page.ReadTo };
                var start = time.GetTimestamp();
                yield return page;
                if (page.IsEnd)
                {
                    yield break;
                }

                pages = time.GetElapsedTime(start) < QuickWork ? Math.Min(pages * 2, Most(page, options.PageSize)) : 1;
            }
        }
        finally
        {
            await EndAsync(run).ConfigureAwait(false);
        }
    }

    /// <summary>So many pages at once that what is read and not wanted after all is no great loss.</summary>
    private static long Most(LogPage page, int pageSize)
    {
        var bytes = 1L;
        foreach (var recorded in page.Events)
        {
            bytes += recorded.Data.Length + recorded.Metadata.Length;
        }

        var bytesOfPage = bytes / Math.Max(1, page.Events.Count) * pageSize;
        return Math.Clamp(Math.Min(MostEvents / pageSize, MostBytes / Math.Max(1, bytesOfPage)), 1, MostPages);
    }

    private static async ValueTask EndAsync(LogRun? run)
    {
        if (run is not null)
        {
            await run.DisposeAsync().ConfigureAwait(false);
        }
    }
}

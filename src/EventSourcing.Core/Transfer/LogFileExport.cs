namespace EventSourcing;

/// <summary>Writes a log to a file, or goes on with one that was broken off.</summary>
internal static class LogFileExport
{
    public static async Task<ExportProgress> RunAsync(ILogSource source, Stream file, IProgress<ExportProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(source.Name, nameof(source));
        var end = await source.GetEndAsync(cancellationToken).ConfigureAwait(false);
        var written = await LogFileRemains.FindAsync(file, cancellationToken).ConfigureAwait(false);
        if (written is not null && (written.Header.Source != source.Name || written.Header.End > end))
        {
            throw new InvalidOperationException(
                $"The file holds an export of '{written.Header.Source}' up to position {written.Header.End}, and not of '{source.Name}', which ends at position {end}.");
        }

        var header = written?.Header ?? new LogFileHeader(source.Name, end, LogFileHeader.CurrentMinor);
        using var writer = new LogFileWriter(file);
        if (written?.Last is { } last)
        {
            file.SetLength(written.Bytes);
            file.Position = written.Bytes;
            writer.GoOn(written.LastLine, last);
        }
        else
        {
            if (written is not null)
            {
                file.SetLength(written.Bytes);
                file.Position = written.Bytes;
            }

            await writer.BeginAsync(header, source.ReadStreamsAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        var before = writer.Events;
        if (written?.IsWhole != true)
        {
            await foreach (var recorded in source.ReadAsync(writer.Position, cancellationToken).ConfigureAwait(false))
            {
                if (recorded.Position > header.End)
                {
                    break;
                }

                if (await writer.AddAsync(recorded, cancellationToken).ConfigureAwait(false))
                {
                    progress?.Report(Reached());
                }
            }

            await writer.EndAsync(cancellationToken).ConfigureAwait(false);
        }

        progress?.Report(Reached());
        return Reached();

        ExportProgress Reached() => new(writer.Events - before, writer.Position, header.End);
    }
}

using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>A log that is much larger than the memory that it may take.</summary>
public sealed class LogFileTests
{
    private const int Events = 200_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Neither_writing_nor_reading_holds_the_log_in_memory()
    {
        var path = Path.GetTempFileName();
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var most = 0L;
            await using (var file = new FileStream(path, FileMode.Open))
            {
                await LogFile.ExportAsync(new Large(() => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true))), file, cancellationToken: Cancellation);
                file.Length.Should().BeGreaterThan(200_000_000);
            }

            await using (var file = File.OpenRead(path))
            {
                var read = 0;
                await foreach (var one in (await LogFile.OpenAsync(file, Cancellation)).ReadAsync(LogPosition.Start, Cancellation))
                {
                    if (++read % 20_000 == 0)
                    {
                        most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
                    }
                }

                read.Should().Be(Events);
            }

            (most - before).Should().BeInRange(1, 40_000_000);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Large(Action look) : ILogSource
    {
        public string Name => "large";

        public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(new LogPosition(Events));

        public async IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            for (var i = 1; i <= Events; i++)
            {
                if (i % 20_000 == 0)
                {
                    look();
                }

                yield return new RecordedEvent
                {
                    Position = new LogPosition(i),
                    Stream = $"order-{i}",
                    Version = new StreamVersion(1),
                    Id = Guid.CreateVersion7(),
                    Type = "made",
                    Data = Enumerable.Repeat((byte)'1', 900).ToArray(),
                    Metadata = default,
                    RecordedAt = DateTimeOffset.UnixEpoch,
                };
            }
        }
    }
}

using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Checkpoints by name.</summary>
public abstract class CheckpointSuite : StoreSuite
{
    [Fact]
    public async Task A_checkpoint_is_kept_and_replaced_by_name()
    {
        Assert.Null(await Checkpoints.LoadAsync("mails", Cancellation));
        await Checkpoints.SaveAsync("mails", Checkpoint.After(new LogPosition(7)), Cancellation);
        await Checkpoints.SaveAsync("Mails", Checkpoint.After(new LogPosition(9)), Cancellation);
        await Checkpoints.SaveAsync("mails", Checkpoint.After(new LogPosition(8)), Cancellation);

        Assert.Equal(Checkpoint.After(new LogPosition(8)), await Checkpoints.LoadAsync("mails", Cancellation));
        Assert.Equal(Checkpoint.After(new LogPosition(9)), await Checkpoints.LoadAsync("Mails", Cancellation));
    }

    [Fact]
    public async Task A_checkpoint_may_move_back_for_a_rebuild()
    {
        await Checkpoints.SaveAsync("mails", Checkpoint.After(new LogPosition(long.MaxValue)), Cancellation);
        await Checkpoints.SaveAsync("mails", Checkpoint.Start, Cancellation);

        Assert.Equal(Checkpoint.Start, await Checkpoints.LoadAsync("mails", Cancellation));
    }

    [Fact]
    public async Task Many_save_at_once_and_each_name_keeps_its_last()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            async () =>
            {
                for (var position = 1; position <= 25; position++)
                {
                    await Checkpoints.SaveAsync($"subscriber {i % 4}", Checkpoint.After(new LogPosition(position)), Cancellation);
                }
            },
            Cancellation))).WaitAsync(Patience, Cancellation);

        foreach (var i in Enumerable.Range(0, 4))
        {
            Assert.Equal(Checkpoint.After(new LogPosition(25)), await Checkpoints.LoadAsync($"subscriber {i}", Cancellation));
        }
    }

    [Fact]
    public async Task A_cancelled_save_keeps_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Checkpoints.SaveAsync("mails", Checkpoint.Start, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Checkpoints.LoadAsync("mails", cancelled.Token));
        Assert.Null(await Checkpoints.LoadAsync("mails", Cancellation));
    }

    [Theory]
    [InlineData("'; drop table checkpoints; --")]
    [InlineData("größe 🎉")]
    [InlineData(" ")]
    public async Task Odd_names_are_kept(string name)
    {
        await Checkpoints.SaveAsync(name, Checkpoint.Start, Cancellation);

        Assert.Equal(Checkpoint.Start, await Checkpoints.LoadAsync(name, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("zero\0")]
    public async Task Bad_names_are_refused(string? name)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Checkpoints.SaveAsync(name!, Checkpoint.Start, Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Checkpoints.LoadAsync(name!, Cancellation));
        foreach (var other in new[] { new string('x', CheckpointName.MaxLength + 1), "lone" + '\ud800' })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Checkpoints.SaveAsync(other, Checkpoint.Start, Cancellation));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Checkpoints.LoadAsync(other, Cancellation));
        }
    }

    [Fact]
    public async Task The_longest_name_is_kept()
    {
        var name = new string('漢', CheckpointName.MaxLength);
        await Checkpoints.SaveAsync(name, Checkpoint.After(new LogPosition(1)), Cancellation);

        Assert.Equal(Checkpoint.After(new LogPosition(1)), await Checkpoints.LoadAsync(name, Cancellation));
    }
}

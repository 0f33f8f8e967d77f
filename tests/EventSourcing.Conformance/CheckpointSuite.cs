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
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Checkpoints.LoadAsync(new string('x', CheckpointName.MaxLength + 1), Cancellation));
    }
}

namespace EventSourcing.Conformance;

/// <summary>Progress that is told at once, and not on some other thread later.</summary>
internal sealed class Told<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}

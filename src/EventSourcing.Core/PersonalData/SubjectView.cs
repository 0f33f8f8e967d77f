namespace EventSourcing;

/// <summary>A view that a subject's data was folded into; to be made anew by <see cref="ProjectionRunner.RebuildAsync(string, string, CancellationToken)"/>.</summary>
/// <param name="Projection">The projection's name.</param>
/// <param name="Key">The view's key.</param>
public sealed record SubjectView(string Projection, string Key);

namespace EventSourcing;

/// <summary>
/// All event classes of an assembly. Write <c>public sealed partial class ShopEvents : IEventTypes;</c>, and the generator that comes
/// with this package fills it in: every class of the assembly that carries an <see cref="EventTypeAttribute"/>, found when it is compiled.
/// </summary>
/// <remarks>A class that derives from <see cref="System.Text.Json.Serialization.JsonSerializerContext"/> too says how the events look as
/// JSON: then nothing is left to reflection, and the application may be trimmed.</remarks>
public interface IEventTypes
{
    /// <summary>Registers the event classes.</summary>
    /// <param name="registry">The registry.</param>
    /// <exception cref="InvalidOperationException">A name or a class is registered otherwise already.</exception>
    static abstract void AddTo(EventTypeRegistry registry);
}

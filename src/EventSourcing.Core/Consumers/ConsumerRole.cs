namespace EventSourcing;

/// <summary>What a generation of a consumer is for.</summary>
public enum ConsumerRole
{
    /// <summary>Its read model is the one that readers see; also what a reactor always is.</summary>
    Serving,

    /// <summary>Its read model is being built beside the serving one, which it will replace.</summary>
    Building,
}

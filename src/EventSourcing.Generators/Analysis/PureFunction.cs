using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace EventSourcing.Generators.Analysis;

/// <summary>A method, or a lambda that is given as a decision or a fold: what it does that is impure, and whom it calls in its own class.</summary>
internal sealed class PureFunction
{
    private readonly INamedTypeSymbol type;
    private readonly List<(Impurity Impurity, string Name, Location Location)> impurities = [];
    private readonly List<IMethodSymbol> calls = [];
    private readonly List<(PureRole Role, IMethodSymbol Method)> methodsWithRoles = [];
    private readonly List<(PureRole Role, PureFunction Function)> lambdasWithRoles = [];

    public PureFunction(INamedTypeSymbol type, IEnumerable<IOperation> body)
    {
        this.type = type;
        foreach (var operation in body)
        {
            Read(operation);
        }
    }

    public IReadOnlyList<(Impurity Impurity, string Name, Location Location)> Impurities => impurities;

    /// <summary>Methods of the same class that it calls.</summary>
    public IReadOnlyList<IMethodSymbol> Calls => calls;

    /// <summary>Methods of the same class that it gives to a decider, a fold or the repository.</summary>
    public IReadOnlyList<(PureRole Role, IMethodSymbol Method)> MethodsWithRoles => methodsWithRoles;

    /// <summary>Lambdas that it gives to one.</summary>
    public IReadOnlyList<(PureRole Role, PureFunction Function)> LambdasWithRoles => lambdasWithRoles;

    /// <summary>Whether it raises events of an aggregate.</summary>
    public bool Raises { get; private set; }

    private void Read(IOperation operation)
    {
        switch (operation)
        {
            case INameOfOperation:
                return;
            case IAnonymousFunctionOperation lambda when PureRole.OfArgument(lambda) is { } role:
                lambdasWithRoles.Add((role, new PureFunction(type, [lambda.Body])));
                return;
            case IMethodReferenceOperation reference when PureRole.OfArgument(reference) is { } role:
                methodsWithRoles.Add((role, reference.Method));
                return;
            case IMethodReferenceOperation reference:
                Call(reference.Method);
                break;
            case IInvocationOperation invocation:
                Call(invocation.TargetMethod);
                break;
            case IPropertyReferenceOperation { Property: { GetMethod: { } getter } }:
                Call(getter);
                break;
        }

        if (Impurity.Of(operation) is var (impurity, name))
        {
            impurities.Add((impurity, name, operation.Syntax.GetLocation()));
        }

        foreach (var child in operation.ChildOperations)
        {
            Read(child);
        }
    }

    private void Call(IMethodSymbol method)
    {
        Raises |= method.Name == "Raise" && method.ContainingType.Is(Known.Aggregate);
        if (SymbolEqualityComparer.Default.Equals(method.OriginalDefinition.ContainingType, type))
        {
            calls.Add(method.OriginalDefinition);
        }
    }
}

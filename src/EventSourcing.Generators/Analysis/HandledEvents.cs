using System.Collections.Concurrent;
using EventSourcing.Generators.Handlers;
using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace EventSourcing.Generators.Analysis;

/// <summary>Which events an aggregate handles. In doubt, all of them.</summary>
internal sealed class HandledEvents
{
    private readonly ConcurrentBag<ITypeSymbol> handled = [];
    private volatile bool isUnknown;

    public HandledEvents(INamedTypeSymbol type)
    {
        foreach (var one in type.SelfAndBases().TakeWhile(parent => !parent.Is(Known.Aggregate)))
        {
            if (HandlerSet.Of(one) is not { } set)
            {
                continue;
            }

            // Which events a base class handles in code of its own is not looked up.
            if (set.IsWrittenByHand && !SymbolEqualityComparer.Default.Equals(one, type))
            {
                isUnknown = true;
            }
            else if (!set.IsWrittenByHand)
            {
                ByMethods |= SymbolEqualityComparer.Default.Equals(one, type) && set.Handlers.Count > 0 && TypePlace.IsOpen(one);
                set.Handlers.ForEach(handler => handled.Add(handler.Event));
            }
        }
    }

    /// <summary>Whether handlers are methods that generated code calls.</summary>
    public bool ByMethods { get; }

    public bool MayHandle(ITypeSymbol @event) => isUnknown || handled.IsEmpty || handled.Any(@event.IsKindOf);

    /// <summary>Reads an <c>Apply(object)</c> that was written by hand: the classes that it asks for.</summary>
    public void Read(ISymbol owner, IEnumerable<IOperation> blocks)
    {
        if (owner is not IMethodSymbol { Name: "Apply", IsOverride: true, Parameters: [var parameter] })
        {
            return;
        }

        foreach (var operation in blocks.SelectMany(block => block.DescendantsAndSelf()))
        {
            if (DealsWithTheRest(operation))
            {
                isUnknown = true;
            }
            else if (operation is IIsTypeOperation or IIsPatternOperation && operation.Parent is IAssignmentOperation or IArgumentOperation)
            {
                // isOpen = @event is Opened: the answer is kept, whatever it is.
                isUnknown = true;
            }
            else if (AskedFor(operation) is { } type)
            {
                handled.Add(type);
            }
            else if (operation is IDeclarationPatternOperation { MatchedType: null })
            {
                isUnknown = true;
            }
            else if (operation is IParameterReferenceOperation reference && SymbolEqualityComparer.Default.Equals(reference.Parameter, parameter) && IsHandedOn(reference))
            {
                isUnknown = true;
            }
        }
    }

    private static ITypeSymbol? AskedFor(IOperation operation) => operation switch
    {
        IDeclarationPatternOperation { MatchedType: { } type } => type,
        IRecursivePatternOperation pattern => pattern.MatchedType,
        ITypePatternOperation pattern => pattern.MatchedType,
        IIsTypeOperation test => test.TypeOperand,
        IConversionOperation { IsImplicit: false } conversion when conversion.Type?.SpecialType != SpecialType.System_Object => conversion.Type,
        _ => null,
    };

    /// <summary>Whether what was not asked for is dealt with all the same: in an else, a default, or after a return.</summary>
    private static bool DealsWithTheRest(IOperation operation) => operation switch
    {
        IConditionalOperation { WhenFalse: { } otherwise } choice => IsTest(choice.Condition) && DoesSomething(otherwise),
        ISwitchCaseOperation one => one.Clauses.Any(clause => clause is IDefaultCaseClauseOperation) && one.Body.Any(DoesSomething),
        ISwitchExpressionArmOperation arm => arm.Pattern is IDiscardPatternOperation && DoesSomething(arm.Value),
        IReturnOperation { ReturnedValue: null, IsImplicit: false } => true,
        _ => false,
    };

    private static bool IsTest(IOperation condition) =>
        condition.DescendantsAndSelf().Any(operation => operation is IIsTypeOperation or IIsPatternOperation);

    private static bool DoesSomething(IOperation operation) => operation switch
    {
        IBlockOperation block => block.Operations.Any(DoesSomething),
        IConversionOperation conversion => DoesSomething(conversion.Operand),
        IBranchOperation or IThrowOperation or IConditionalOperation => false,
        IDefaultValueOperation or IFieldReferenceOperation or IPropertyReferenceOperation or ILocalReferenceOperation => false,
        IExpressionStatementOperation statement => DoesSomething(statement.Operation),
        _ => !operation.ConstantValue.HasValue,
    };

    // To another method, which may handle anything; not to an exception that tells of it.
    private static bool IsHandedOn(IOperation reference)
    {
        var use = reference.Parent;
        while (use is IConversionOperation { IsImplicit: true })
        {
            use = use.Parent;
        }

        return use is IArgumentOperation { Parent: not IObjectCreationOperation }
            or IVariableInitializerOperation or IAssignmentOperation or IReturnOperation or IDynamicInvocationOperation
            || use?.Syntax is CastExpressionSyntax { Type: IdentifierNameSyntax { Identifier.ValueText: "dynamic" } };
    }
}

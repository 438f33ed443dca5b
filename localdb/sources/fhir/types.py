"""What becomes of every FHIR R4 type (DESIGN §4, FHIR map). A type that is not here is no R4 type.

A kind is a kind of record, or NOT_KEPT for what is financial, administrative or definitional. Types of kind `other`
name a patient and are kept in the intake until they get a list of their own.
"""

from __future__ import annotations

from typing import Final

NOT_KEPT: Final = "not_kept"

_KINDS: Final = {
    "patient": "Patient",
    "allergy": "AllergyIntolerance",
    "alert": "Flag",
    "problem": "Condition",
    "medicine": "MedicationRequest MedicationStatement",
    "administration": "MedicationAdministration Immunization",
    "observation": "Observation",
    "report": "DiagnosticReport",
    "image": "ImagingStudy",
    "request": "ServiceRequest",
    "appointment": "Appointment",
    "document": "DocumentReference Composition",
    "stay": "Encounter",
    "other": """AdverseEvent AppointmentResponse BodyStructure CarePlan CareTeam ClinicalImpression Communication
        CommunicationRequest Consent DetectedIssue DeviceRequest DeviceUseStatement DocumentManifest EpisodeOfCare
        FamilyMemberHistory Goal GuidanceResponse ImmunizationEvaluation ImmunizationRecommendation List Media
        MedicationDispense MolecularSequence NutritionOrder Procedure QuestionnaireResponse RequestGroup
        ResearchSubject RiskAssessment SupplyDelivery SupplyRequest Task VisionPrescription""",
    "referred": """BiologicallyDerivedProduct Device DeviceMetric Endpoint Group HealthcareService Location Medication
        Organization OrganizationAffiliation Person Practitioner PractitionerRole RelatedPerson Specimen Substance""",
    NOT_KEPT: """Account ActivityDefinition AuditEvent Basic Binary CapabilityStatement CatalogEntry ChargeItem
        ChargeItemDefinition Claim ClaimResponse CodeSystem CompartmentDefinition ConceptMap Contract Coverage
        CoverageEligibilityRequest CoverageEligibilityResponse DeviceDefinition EffectEvidenceSynthesis
        EnrollmentRequest EnrollmentResponse EventDefinition Evidence EvidenceVariable ExampleScenario
        ExplanationOfBenefit GraphDefinition ImplementationGuide InsurancePlan Invoice Library Linkage Measure
        MeasureReport MedicationKnowledge MedicinalProduct MedicinalProductAuthorization
        MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
        MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
        MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader NamingSystem
        ObservationDefinition OperationDefinition OperationOutcome Parameters PaymentNotice PaymentReconciliation
        PlanDefinition Provenance Questionnaire ResearchDefinition ResearchElementDefinition ResearchStudy
        RiskEvidenceSynthesis Schedule SearchParameter Slot SpecimenDefinition StructureDefinition StructureMap
        Subscription SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
        SubstanceSourceMaterial SubstanceSpecification TerminologyCapabilities TestReport TestScript ValueSet
        VerificationResult""",
}

KIND: Final[dict[str, str]] = {type_: kind for kind, types in _KINDS.items() for type_ in types.split()}
KIND["Bundle"] = "bundle"

# Where a type names its patient; `subject` where nothing else is said.
_BY_PATIENT: Final = """AllergyIntolerance BodyStructure Consent DetectedIssue EpisodeOfCare FamilyMemberHistory
    Immunization ImmunizationEvaluation ImmunizationRecommendation MolecularSequence NutritionOrder SupplyDelivery
    VisionPrescription"""
# Without a patient these say nothing of a patient of ours (R4 asks for one in the others, or they are clinical).
_OPTIONAL: Final = """AppointmentResponse CareTeam Communication CommunicationRequest Consent DetectedIssue
    DocumentManifest GuidanceResponse List Media MolecularSequence QuestionnaireResponse RequestGroup SupplyDelivery
    SupplyRequest Task"""

SUBJECT: Final[dict[str, str]] = {
    **dict.fromkeys(_BY_PATIENT.split(), "patient"),
    "AppointmentResponse": "actor",
    "ResearchSubject": "individual",
    "SupplyRequest": "deliverTo",
    "Task": "for",
}
PATIENT_OPTIONAL: Final = frozenset(_OPTIONAL.split())

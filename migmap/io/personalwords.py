"""The words by which columns of personal data are known."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NAME_WORDS = _set("""apellido fullname naam name names nom nombre prenom prénom اسم""")
# With a word for "name" beside them these are names of people.
PERSONS = _set(
    """applicant assessor beneficiary brother caregiver caretaker chairman chef claimant collector contact
    councillor daughter doctor elder encuestador enqueteur enquêteur entrevistado enumerator facilitator
    father focal guardian head hhh hoh husband imam incharge informant interviewee interviewer jefe
    landlord leader lhw malik manager monitor mother mukhtar nambardar nazim nurse observer officer
    owner patient person president principal repondant representative respondant respondent répondant
    secretary spouse student supervisor surveyor teacher tenant victim volunteer wife"""
)
WEAK_PERSONS = _set("""child individual member migrant refugee returnee son""")
# Places a person can be the head or the contact of; beside a weak word they make it a place's name.
PLACES = _set("""block camp committee community facility health hospital house school site village""")
# Words that may stand between the two without making it something else.
FILLERS = _set(
    """1 2 3 alternate alternative and charge chef de del du el en enter family first for full hh hogar
    household in is key la last le main menage ménage of please point primary s second the ur urdu what
    your"""
)
# Names, all their words joined, that are enough alone.
ALONE = _set(
    """alias assessedby caretaker collectedby contact contactpe contactperson contacts createdby
    createduser creator datacollector daughterof editor enqueteur enumerator enumeratorname familyname
    fathername fathershusbandname fathersname firstname focalpers focalperson focalpoin focalpoint
    fullname givenname headname headoffamily headofhh headofhousehold hhhead hhhname hohname
    householdhead husbandname informant interviewedby interviewer keyinformant lasteditedby
    lasteditededuser lastediteduser lasteditor lastname middlename modifiedby monitoredby nameofhead
    nickname personname recordedby repondant reportedby respondent signature sonof staffname
    submittedbyname surname surveyedby surveyor validatedby wifeof"""
)
IDENTITY_WORDS = _set(
    """cnic cnicno cnicnumber cnics crnic iban idcard nadra nationalid nic nicop passeport passport progres
    registrationcard ssn tazkera tazkira visano"""
)
IDENTITY_NAMES = _set(
    """acccard accno accountno accountnumber afghancitizencard bankaccount caseno casenum casenumber
    drivinglicence drivinglicense familybookno familycode ibanno ibannumber idcard idcardno idcardnum
    idcardnumber identitycard identityno idno individualid individualno nationalid nationalidentity
    nationalidno nationalidnumber porcard porcardid porcardno porno pornumber progresid progresno
    rationcard refugeeid refugeeno tazkirano tokenno unhcrcase unhcrcaseid unhcrcaseno unhcrcasenumber
    unhcrid unhcrno visanumber votercard voterid"""
)
PHONE_WORDS = _set(
    """cell cellno cellphone contactno contactnumber fax mobile mobileno msisdn phone phoneno phonenumber
    phones tel telephone whatsapp"""
)
MAIL_WORDS = _set("""email emails mail""")
DEVICES = _set(
    """device deviceid deviceidentifier devicephonenum deviceserial imei instancename phonenumberofdevice
    simid simserial subscriberid"""
)
USERS = _set("""submittedby user user_name useremail username""")
BIRTHS = _set("""birthdate birthday dateofbirth dob""")
# What stands in a column about people that does not name them.
CATEGORIES = _set(
    """adult both boy child divorced elderly f false female girl m male man married men n n/a na no none
    other self single true unknown widow widowed woman women y yes خاتون عورت مرد نہیں ہاں"""
) | {"dont know"}
# With a word for a person before or after them these hold where that person stood or looks like.
PICTURES = _set("photo picture image selfie signature portrait foto thumbnail pic fingerprint")
INTERVIEWS = _set("interview interviewer enumerator respondent household hh surveyor")
COORDINATES = _set(
    "gps latitude longitude lat lon long altitude accuracy precision coordinates geopoint location"
)
# Urdu words that name a person or a way to reach one. "نام" alone is any name, a village's too.
URDU_PERSON = ("سربراہ", "والد", "شوہر", "جواب دہندہ", "رابطہ کار", "نام و ولدیت", "ولدیت")
URDU_IDENTITY = ("شناختی",)
URDU_PHONE = ("موبائل", "فون", "رابطہ نمبر", "واٹس ایپ")
URDU_MAIL = ("ای میل", "ایمیل")
# Words of organisations and facilities: a column with them names no person.
ORGANISATIONS = _set(
    """agency agencies org organisation organization ngo partner partners company department ministry
    office donor institution authority hospital school clinic"""
)
